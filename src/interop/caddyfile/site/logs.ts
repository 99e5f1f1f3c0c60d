import type { Line } from "#interop/caddyfile/syntax/tree.ts";
import { duration, sizeBytes } from "#interop/caddyfile/directives/values.ts";
import type { Report } from "#interop/caddyfile/report/report.ts";
import type { Draft } from "#interop/caddyfile/target/draft.ts";

/** `log` of a site: there is one access log, in a form of its own. */
export function readSiteLogs(lines: readonly Line[], report: Report, draft: Draft): void {
  for (const line of lines.filter(({ name }) => name.text === "log")) {
    report.count(line);
    const output = line.block?.find(({ name }) => name.text === "output");
    const kind = output?.args[0]?.text ?? "stdout";
    if (kind === "discard") {
      report.say("operational", line.name, "log discard: the record has every request; the access log is off");
      continue;
    }
    for (const one of line.block ?? []) report.count(one);
    const rotation = kind === "file" ? rotationOf(output?.block ?? []) : {};
    draft.logs = { access: { to: kind === "file" ? "file" : "stdout", ...rotation } };
    report.say(
      "operational",
      line.name,
      `log: one access log for all sites, in JSON (${kind === "file" ? "logs/access.log of the data folder" : "standard output"})`,
    );
  }
}

function rotationOf(lines: readonly Line[]): Readonly<Record<string, unknown>> {
  const option = (name: string): string | undefined => lines.find((one) => one.name.text === name)?.args[0]?.text;
  const bytes = sizeBytes(option("roll_size"));
  const keep = Number(option("roll_keep") ?? Number.NaN);
  const age = duration(option("roll_interval"), 60_000, 366 * 86_400_000);
  return {
    ...(bytes === undefined ? {} : { maxSize: `${Math.max(64 * 1024, Math.min(bytes, 4_294_967_296))}B` }),
    ...(age === undefined ? {} : { maxAge: age }),
    ...(Number.isNaN(keep) ? {} : { keep: Math.min(1000, keep) }),
  };
}
