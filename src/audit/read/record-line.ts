import { isEvent } from "#audit/entry.ts";
import type { StoredEvent, StoredRecord } from "#model/record.ts";
import type { Found } from "./search-query.ts";
import { type Paint, printable } from "./terminal-text.ts";

/** A record on one line: when, what became of it, what was asked for by whom, why, and its id. */
export function recordLine(record: Found, brush: Paint): string {
  return isEvent(record) ? eventLine(record, brush) : requestLine(record, brush);
}

function eventLine({ time, event, principal, details, id }: StoredEvent, brush: Paint): string {
  const said = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`);
  const parts = [brush.dim(printable(time)), brush.strong(`    event`), printable(event), printable(principal.id)];
  return [...parts, ...(said.length > 0 ? [printable(said.join(" "))] : []), brush.dim(printable(id))].join("  ");
}

function requestLine(record: StoredRecord, brush: Paint): string {
  const { time, status, decision, method, host, path, reasons, id } = record;
  const outcome = `${String(status).padStart(3)} ${decision.padEnd(5)}`;
  const parts = [
    brush.dim(printable(time)),
    decision === "allow" ? brush.good(outcome) : brush.bad(outcome),
    printable(`${method} ${host}${path}`),
    printable(whoOf(record)),
    ...(reasons.length > 0 ? [printable(reasons.join(","))] : []),
    brush.dim(printable(id)),
  ];
  return parts.join("  ");
}

function whoOf({ principal, subscription }: StoredRecord): string {
  const who = principal.subject ?? principal.id;
  const name = who === "" || principal.kind === "anonymous" ? principal.kind : `${principal.kind} ${who}`;
  return subscription === undefined ? name : `${name} (${subscription})`;
}
