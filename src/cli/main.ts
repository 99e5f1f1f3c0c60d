import { execute, orHelp } from "./execute.ts";
import { createProgram } from "./program.ts";

// `sallyport … | head` has read enough: nobody is left to tell.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

const args = process.argv.slice(2);

/** No `await` outside: commands are read while this file is, and in the package they share code with it. */
async function main(): Promise<void> {
  const program = await createProgram(args.slice(0, 2));
  const code = await execute(program, orHelp(program, args));
  if (code !== 0) process.exitCode = code;
}

void main();
