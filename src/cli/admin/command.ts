import type { Command } from "commander";
import { withExitCodes } from "#cli/exit-codes.ts";
import { AdminFailure, withAdminOptions } from "./connection.ts";

export interface JsonOption {
  readonly json: boolean;
}

const exitCodes = "0 done, 1 failed or refused, 2 wrong usage, 3 the configuration in force is another than expected.";

/** A command that talks to a running gateway, with what all of them share. */
export function adminCommand(command: Command, examples: string): Command {
  return withExitCodes(withAdminOptions(command), exitCodes)
    .option("--json", "print the gateway's answer as JSON", false)
    .addHelpText("after", `\nExamples:\n${examples}`);
}

/** Prints what went wrong, with the exit code that it has. */
export async function reporting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AdminFailure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}

export function print(options: JsonOption, json: string, text: string): void {
  process.stdout.write(options.json ? json : text);
}
