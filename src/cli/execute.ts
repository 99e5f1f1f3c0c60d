import { type Command, CommanderError } from "commander";
import { describeFailure } from "./failure.ts";

/**
 * Runs one command line.
 *
 * @param args without the program's own name
 * @param describe turns a failure into what a person reads
 * @returns 0 when nothing went wrong (a command may have set `process.exitCode` itself), 1 for a failure, 2 for wrong usage
 */
export async function execute(
  program: Command,
  args: readonly string[],
  describe: (error: unknown) => string = describeFailure,
): Promise<0 | 1 | 2> {
  try {
    await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    // Commander has printed its own message and help by then.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  }
}

/** A group of commands without one of them shows its help and ends with 0, as kubectl does: nobody did anything wrong. */
export function orHelp(program: Command, args: readonly string[]): readonly string[] {
  let command: Command | undefined = program;
  for (const arg of args) command = command?.commands.find((one) => one.name() === arg);
  return command !== undefined && command.commands.length > 0 ? [...args, "--help"] : args;
}
