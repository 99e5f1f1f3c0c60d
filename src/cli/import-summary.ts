import { formatDiagnostics } from "#config/format.ts";
import type { ImportResult } from "./import-apim.ts";

/** For people: everything by name, what matters most last. */
export function describeImport({ output, imported, problems }: ImportResult): string {
  const { mapped, needs, unsupported, notes, egress } = imported.report;
  const parts = [
    list(
      "carried over",
      mapped.map(({ from, to }) => `${from} → ${to}`),
    ),
    list(
      "to know",
      notes.map(({ from, message }) => `${from}: ${message}`),
    ),
    list(
      "needs a value",
      needs.map(({ name, from, message }) => `${name}: ${message} (${from})`),
    ),
    list(
      "computed destinations, refused unless egress.allow names them",
      egress.map(({ from, allow }) =>
        allow.length === 0 ? `${from}: its host is not written there` : `${from}: ${allow.join(", ")}`,
      ),
    ),
    list(
      "not supported",
      unsupported.map(({ from, message }) => `${from}: ${message}`),
    ),
    problems.length === 0
      ? ""
      : `problems of the definition:\n${formatDiagnostics(problems, { color: false, cwd: process.cwd() })}\n`,
  ];
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const state =
    errors > 0 ? `it has ${errors} errors` : needs.length > 0 ? "it loads once it has its values" : "it loads";
  return `${parts.join("")}${output}/sallyport.yaml is written: ${state}\n`;
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `${title}:\n${lines.map((line) => `  ${line}\n`).join("")}\n`;
}
