import { csvCell } from "#audit/read/csv.ts";
import type { VerifyResult } from "#audit/read/verify.ts";
import { detailsText } from "./report-page.ts";
import type { AuditReport } from "./report.ts";

/** What of the record is not here. */
function coverage({ retired, gapCount }: VerifyResult): string {
  return `lines retired: ${retired?.lines ?? 0}; gaps: ${gapCount}`;
}

type Cells = readonly (string | number | undefined)[];

/** All of a report in one table: a row each, told apart by its section. */
export function reportTable(report: AuditReport): string {
  const { verification, reach, activity } = report;
  const rows: Cells[] = [
    ["section", "time", "who", "what", "on", "details", "record"],
    [
      "verification",
      report.made,
      undefined,
      verification.ok ? "ok" : "altered",
      undefined,
      verification.firstBad?.detail ?? coverage(verification),
      verification.head.seq,
    ],
    ...reach.operations.map((one): Cells => [
      "reach",
      reach.since ?? undefined,
      one.isPublic ? "everybody" : one.rules.join("; "),
      `${one.method} ${one.template}`,
      `${one.api} / ${one.operation}`,
      `subscription: ${one.subscription}; products: ${one.products.join(", ")}`,
    ]),
    ...reach.products.map((one): Cells => [
      "product",
      undefined,
      one.members?.join("; ") ?? "everybody who is known",
      one.subscription,
      one.name,
      one.apis.join(", "),
    ]),
    ...reach.subscriptions.map((one): Cells => [
      "subscription",
      one.created,
      one.owner ?? undefined,
      one.state,
      one.scope,
      one.name,
    ]),
    ...activity.principals.map((one): Cells => [
      "activity",
      one.last,
      one.id,
      `${one.requests} requests, ${one.denied} denied`,
      one.apis.join(", "),
      `bytes out: ${one.bytesOut}; since: ${one.first}${one.actors.length === 0 ? "" : `; acting for it: ${one.actors.join(", ")}`}`,
    ]),
    ...activity.reasons.map((one): Cells => [
      "denied",
      undefined,
      undefined,
      one.reason,
      undefined,
      String(one.requests),
    ]),
  ];
  if (activity.principalsLeftOut > 0) {
    rows.push(["activity", undefined, undefined, `${activity.principalsLeftOut} or more principals have no line here`]);
  }
  for (const section of ["approvals", "keys", "configuration", "people", "gateway"] as const) {
    for (const { time, by, event, details, seq } of report[section]) {
      rows.push([section, time, by, event, undefined, detailsText(details), seq]);
    }
  }
  for (const { time, by, diff, seq } of report.configuration) {
    if (diff !== null && diff !== "") rows.push(["configuration", time, by, "difference", undefined, diff, seq]);
  }
  return rows.map((cells) => `${cells.map(csvCell).join(",")}\n`).join("");
}
