import { relative } from "node:path";
import type { Exported } from "#interop/apim/export/export-folder.ts";

/** For people: everything by name, what matters most last. */
export function describeExport({ files, report }: Exported, output: string | null): string {
  const { mapped, changed, left, impossible } = report;
  const parts = [
    list(
      "is there",
      mapped.map(({ from, to }) => `${from} → ${to}`),
    ),
    list(
      "is not there",
      left.map(({ from, message }) => `${from}: ${message}`),
    ),
    list(
      "means something else there",
      changed.map(({ from, message }) => `${from}: ${message}`),
    ),
    list(
      "cannot be there",
      impossible.map(
        ({ owner, at, message }) =>
          `${relative(process.cwd(), at.file) || at.file}:${at.line}:${at.column}: ${owner}: ${message} (export-impossible)`,
      ),
    ),
  ];
  const state =
    output !== null
      ? `${output} is written: ${files.size} files`
      : impossible.length > 0 && files.size === 0
        ? "nothing is written: change what cannot be there, or leave those APIs out with --partial"
        : `nothing is written: it would be ${files.size} files`;
  return `${parts.join("")}${state}\n`;
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}:\n${lines.map((line) => `  ${line}\n`).join("")}\n`;
}
