import { byGroup, countsOf, type Finding, type FindingReport } from "#model/finding.ts";

/** As CI servers read test results: a suite a group, a case a finding; what is warned of has passed. */
export function findingsJunit({ command, time, findings }: FindingReport): string {
  const { failed, skipped } = countsOf(findings);
  const suites = [...byGroup(findings)].map(([group, found]) => suite(group, found, command, time));
  const all = attributes({ name: `sallyport ${command}`, tests: findings.length, failures: failed, skipped });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${all}>\n${suites.join("")}</testsuites>\n`;
}

function suite(group: string, findings: readonly Finding[], command: string, timestamp: string): string {
  const { failed, skipped } = countsOf(findings);
  const seconds = findings.reduce((sum, { ms }) => sum + ms, 0) / 1000;
  const own = { name: group, tests: findings.length, failures: failed, skipped, time: seconds.toFixed(3), timestamp };
  const cases = findings.map((finding) => testCase(finding, `sallyport.${command}.${group}`));
  return `  <testsuite${attributes(own)}>\n${cases.join("")}  </testsuite>\n`;
}

function testCase({ name, state, code, detail, fix, ms }: Finding, classname: string): string {
  const open = `    <testcase${attributes({ name, classname, time: (ms / 1000).toFixed(3) })}`;
  const text = escaped(fix === null ? detail : `${detail}\nfix: ${fix}`);
  if (state === "failed") {
    return `${open}>\n      <failure${attributes({ type: code, message: detail })}>${text}</failure>\n    </testcase>\n`;
  }
  if (state === "skipped") return `${open}>\n      <skipped${attributes({ message: detail })}/>\n    </testcase>\n`;
  return state === "warned" ? `${open}>\n      <system-out>${text}</system-out>\n    </testcase>\n` : `${open}/>\n`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll("\n", "&#10;")}"`)
    .join("");
}

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** What XML 1.0 has no way to write becomes the mark of a character that is not there. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, "\u{FFFD}")
    .replaceAll(/[&<>"]/g, (character) => escapes[character] ?? "");
}
