import { resolve } from "node:path";
import type { Command } from "commander";
import { replaceFile } from "#lib/durable-file.ts";
import { countsOf, type FindingReport } from "#model/finding.ts";
import { findingsJunit } from "./junit.ts";
import { findingsPage } from "./page.ts";
import { findingsText } from "./text.ts";

/** Options of every command whose outcome is a list of findings. */
export interface FindingOutput {
  readonly json: boolean;
  readonly junit?: string;
  readonly html?: string;
  readonly all: boolean;
}

/** Files beside what is printed. */
export type FindingFiles = Pick<FindingOutput, "junit" | "html">;

export function withFindingFiles(command: Command): Command {
  return command
    .option("--junit <file>", "write them as JUnit's XML as well, for CI")
    .option("--html <file>", "write them as a page for people as well");
}

export function withFindingOutput(command: Command): Command {
  return withFindingFiles(command.option("--json", "print the findings as JSON on standard output", false)).option(
    "--all",
    "show what is as it should be, too",
    false,
  );
}

export async function writeFindings(found: FindingReport, { junit, html }: FindingFiles): Promise<void> {
  if (junit !== undefined) await replaceFile(resolve(junit), findingsJunit(found), 0o644, "findings");
  if (html !== undefined) await replaceFile(resolve(html), findingsPage(found), 0o644, "findings");
}

/** Writes the findings where they are wanted. The exit code is 1 when one has failed. */
export async function tellFindings(found: FindingReport, output: FindingOutput): Promise<void> {
  const { json, all } = output;
  await writeFindings(found, output);
  const counts = countsOf(found.findings);
  const ok = counts.failed === 0;
  process.stdout.write(json ? `${JSON.stringify({ ok, counts, ...found }, null, 2)}\n` : findingsText(found, all));
  if (!ok) process.exitCode = 1;
}
