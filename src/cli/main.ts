import { execute, orHelp } from "./execute.ts";
import { createProgram } from "./program.ts";

const args = process.argv.slice(2);
const program = await createProgram(args[0]);
const code = await execute(program, orHelp(program, args));
if (code !== 0) process.exitCode = code;
