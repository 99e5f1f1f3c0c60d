import type { Drifted } from "#interop/apim/drift/compare.ts";
import type { Finding, FindingReport } from "#model/finding.ts";

/** What of a text one reads in a list; the whole of it stands in the command's own output. */
const mostCharacters = 500;

const said: Readonly<Record<Drifted["kind"], string>> = {
  missing: "the definition has it, and it is not there",
  extra: "it is there, and the definition does not have it",
  changed: "it is another there",
};

/** As CI and people read findings: each thing that differs has failed. */
export function driftFindings(differences: readonly Drifted[], against: string, time: string): FindingReport {
  const same: Finding = {
    group: "API Management",
    name: against,
    state: "passed",
    code: "drift-none",
    detail: "it is what the definition says",
    fix: null,
    ms: 0,
  };
  return {
    command: "drift",
    title: `drift: ${against}`,
    time,
    findings: differences.length === 0 ? [same] : differences.map(findingOf),
  };
}

function findingOf({ path, kind, expected, actual }: Drifted): Finding {
  const [section = "", name = ""] = path.split("/");
  const isOfOne = path.split("/").length > 2;
  const lines = kind === "changed" ? `\ndeclared: ${shown(expected)}\nthere: ${shown(actual)}` : "";
  return {
    group: isOfOne ? `${section}/${name}` : section,
    name: path,
    state: "failed",
    code: `drift-${kind}`,
    detail: `${said[kind]}${lines}`,
    fix: "publish what sallyport export apim writes, or bring along what is there by sallyport import apim",
    ms: 0,
  };
}

function shown(text: string | null): string {
  const whole = text ?? "nothing";
  return whole.length > mostCharacters ? `${whole.slice(0, mostCharacters)}…` : whole;
}
