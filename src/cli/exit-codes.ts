import type { Command } from "commander";

/** What the codes mean where a command does not say otherwise. */
const usual = "0 done, 1 failed or problems found, 2 wrong usage.";

const own = new WeakMap<Command, string>();

/** Says what a command's exit codes mean where they are not the usual ones; its help ends with it. */
export function withExitCodes(command: Command, text: string): Command {
  own.set(command, text);
  return command;
}

/** The last lines of a command's help. */
export function exitCodesOf(command: Command): string {
  return `\nExit codes: ${own.get(command) ?? usual}`;
}
