import { createInterface } from "node:readline/promises";

/** Asks on a terminal; where nobody can answer, whoever wrote the script has decided. */
export async function confirm(question: string, yes: boolean): Promise<boolean> {
  if (yes || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
