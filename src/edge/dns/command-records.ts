import { unusable } from "#edge/acme/problem.ts";
import { oneLine, runProgram } from "#lib/run-program.ts";
import type { TxtRecords } from "./records.ts";

const timeoutMs = 120_000;
const keptWords = 500;

/** Calls a program with `present` or `remove`, the record's name and its text. */
export function commandRecords(run: readonly string[], withinMs: number = timeoutMs): TxtRecords {
  return {
    add: (name, text) => call([...run, "present", name, text], withinMs),
    remove: (name, text) => call([...run, "remove", name, text], withinMs),
  };
}

async function call(command: readonly string[], withinMs: number): Promise<void> {
  const { problem, words } = await runProgram(command, { timeoutMs: withinMs, keptOutput: 0, keptWords });
  if (problem !== null) throw unusable(words === "" ? problem : `${problem}: ${oneLine(words)}`);
}
