import { printable } from "#audit/read/terminal-text.ts";
import { byGroup, countsOf, type Finding, type FindingReport } from "#model/finding.ts";

const marks: Readonly<Record<Finding["state"], string>> = {
  passed: "ok  ",
  failed: "FAIL",
  warned: "warn",
  skipped: "skip",
};

/** For a terminal: what failed with its fix, what did not in one line a group unless all of it is asked for. */
export function findingsText({ title, findings }: FindingReport, all: boolean): string {
  const lines = [title];
  for (const [group, found] of byGroup(findings)) lines.push(...groupLines(group, found, all));
  const { passed, failed, warned, skipped } = countsOf(findings);
  const more = [warned > 0 ? `, ${warned} warned` : "", skipped > 0 ? `, ${skipped} skipped` : ""].join("");
  lines.push(`${failed === 0 ? "ok" : "FAILED"}: ${passed} passed, ${failed} failed${more}`);
  return `${lines.map(printable).join("\n")}\n`;
}

function groupLines(group: string, findings: readonly Finding[], all: boolean): readonly string[] {
  const shown = all ? findings : findings.filter(({ state }) => state !== "passed");
  const hidden = findings.length - shown.length;
  return [
    `${group}${hidden > 0 ? `: ${hidden} ok` : ""}`,
    ...shown.flatMap(({ state, name, detail, code, fix }) => [
      `  ${marks[state]} ${name}${detail === "" ? "" : `: ${detail}`}${state === "passed" ? "" : ` (${code})`}`,
      ...(fix === null || state === "passed" ? [] : [`       fix: ${fix}`]),
    ]),
  ];
}
