import { relative } from "node:path";
import type { ProblemKind } from "#interop/caddyfile/report/codes.ts";
import type { CaddyfileResult } from "./import-caddyfile.ts";

const titles: readonly (readonly [ProblemKind, string])[] = [
  ["note", "to know"],
  ["change", "is otherwise"],
  ["loss", "not supported"],
  ["error", "cannot be read"],
];

/** For people: everything by line, what matters most last. */
export function describeCaddyfile(
  { imported, directives, mapped, problems }: CaddyfileResult,
  written: string | null,
): string {
  const parts = titles.map(([kind, title]) => {
    const lines = problems
      .filter((one) => one.kind === kind)
      .map(({ file, line, code, message }) => `  ${relative(process.cwd(), file)}:${line}: ${message} (${code})\n`);
    return lines.length === 0 ? "" : `${title}:\n${lines.join("")}\n`;
  });
  const counted = `${mapped} of ${directives} directives map`;
  const end = written === null ? (imported ? "nothing would be lost" : "nothing is written") : `${written} is written`;
  return `${parts.join("")}${counted}; ${end}\n`;
}
