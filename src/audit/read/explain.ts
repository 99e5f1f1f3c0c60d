import type { StoredRecord } from "#model/record.ts";
import { type AuditEntry, isControl, isEvent } from "#audit/entry.ts";
import { explainControl } from "./explain-control.ts";
import { explainEvent } from "./explain-event.ts";
import { handoverLines } from "./explain-handovers.ts";
import { verdictLines } from "./explain-verdict.ts";
import { tokenOf, whoOf } from "./explain-who.ts";
import { type Paint, paint, printable } from "./terminal-text.ts";

export interface ExplainOptions {
  /** ANSI colours; default false. */
  readonly color?: boolean;
}

/**
 * A record as a person reads it: who asked for what, each hand-over in order, what decided, and what would have to
 * change. Ends with a line break. Safe to print whatever the client sent.
 */
export function explainRecord(entry: AuditEntry, options: ExplainOptions = {}): string {
  const brush = paint(options.color ?? false);
  const lines = linesOf(entry, brush);
  return `${lines.join("\n")}\n`;
}

function linesOf(entry: AuditEntry, brush: Paint): readonly string[] {
  if (isControl(entry)) return explainControl(entry, brush);
  return isEvent(entry) ? explainEvent(entry, brush) : explainRequest(entry, brush);
}

function explainRequest(record: StoredRecord, brush: Paint): readonly string[] {
  const facts = factsOf(record).map(([label, value]) => `  ${brush.dim(label.padEnd(9))} ${printable(value)}`);
  return [
    headline(record, brush),
    ...facts,
    "",
    brush.strong("Hand-overs"),
    ...handoverLines(record.handovers, brush),
    "",
    ...verdictLines(record, brush),
  ];
}

function headline({ id, decision, status }: StoredRecord, brush: Paint): string {
  const word = decision === "allow" ? brush.good("allowed") : brush.bad("denied");
  return `${brush.strong(`Request ${printable(id)}`)} ${word}, status ${status}`;
}

function factsOf(record: StoredRecord): readonly (readonly [string, string])[] {
  const { route, upstream, environment, node, configHash, seq, hash } = record;
  const facts: [string, string | undefined][] = [
    ["when", `${record.time}, took ${record.durationMs} ms`],
    ["state", record.stage && stages[record.stage]],
    ["who", whoOf(record)],
    ["token", tokenOf(record)],
    ["cert", certificateOf(record)],
    ["granted", grantsOf(record)],
    ["under", underOf(record)],
    ["what", whatOf(record)],
    ["route", route && routeOf(route)],
    ["from", fromOf(record)],
    ["asked", askedOf(record)],
    ["upstream", upstream && upstreamOf(upstream)],
    ["body", `${record.bytesIn} bytes in, ${record.bytesOut} bytes out`],
    ["kept out", record.redacted && keptOut(record.redacted)],
    ["trace", record.traceparent],
    ["gateway", `${node}, environment ${environment}, configuration ${configHash.slice(0, 12)}`],
    ["record", `${seq}, hash ${hash.slice(0, 12)}`],
  ];
  return facts.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

const stages: Readonly<Record<NonNullable<StoredRecord["stage"]>, string>> = {
  open: "open when this was written; how it ended is not on record yet",
  intent: "about to go on when this was written; whether it was carried out, and how it ended, is not on record yet",
};

function keptOut({ query, path, details }: NonNullable<StoredRecord["redacted"]>): string {
  return `${query} values of the query, ${path} of the path, ${details} of what steps saw`;
}

function grantsOf({ principal: { grants } }: StoredRecord): string | undefined {
  return grants
    ?.map(({ approval, id, reason }) => `${approval} by request ${id}${reason === undefined ? "" : ` (${reason})`}`)
    .join(", ");
}

function routeOf({ api, version, revision, operation, template }: NonNullable<StoredRecord["route"]>): string {
  const which = [version === undefined ? "" : ` ${version}`, revision === undefined ? "" : `;rev=${revision}`].join("");
  return `${api}${which} / ${operation} (${template})`;
}

function certificateOf({ tls }: StoredRecord): string | undefined {
  const { certificate, certificateProblem: problem } = tls ?? {};
  if (certificate === undefined) return problem === undefined ? undefined : `not believed: ${problem}`;
  const { subject = "no subject", issuer, serial, names } = certificate;
  const named = names === undefined ? "" : `, ${names.join(", ")}`;
  return `${subject}${named}, serial ${serial}${issuer === undefined ? "" : ` of ${issuer}`}`;
}

function underOf({ subscription, oldKey, product }: StoredRecord): string | undefined {
  const parts = [
    subscription && `subscription ${subscription}${oldKey === undefined ? "" : ` by its old key ${oldKey}`}`,
    product && `product ${product}`,
  ];
  const said = parts.filter((part) => part !== undefined);
  return said.length === 0 ? undefined : said.join(", ");
}

function whatOf({ method, host, path, query }: StoredRecord): string {
  return `${method} ${host}${path}${query === undefined ? "" : `?${query}`}`;
}

function fromOf({ client, protocol, tls }: StoredRecord): string {
  return `${client === "" ? "a Unix socket" : client}, ${protocol}${tls === undefined ? "" : ` over ${tls.version} (${tls.cipher})`}`;
}

/** A proxy that asks forwards by itself: its answer to the client is not ours to tell. */
function askedOf({ response, askedBy }: StoredRecord): string | undefined {
  if (response !== "unseen") return undefined;
  return `by ${askedBy === undefined || askedBy === "" ? "a proxy" : `the proxy ${askedBy}`}, which forwards by itself: the response is unseen`;
}

function upstreamOf(upstream: NonNullable<StoredRecord["upstream"]>): string {
  const { name, address, tries, status, headersMs } = upstream;
  const answered = status === 0 ? "no answer" : `status ${status} after ${headersMs} ms`;
  return `${name} at ${address}, ${answered}${partsOf(upstream)}, ${tries} ${tries === 1 ? "try" : "tries"}`;
}

/** Records of before lack them. */
function partsOf({ connectMs, bodyMs }: Partial<NonNullable<StoredRecord["upstream"]>>): string {
  if (connectMs === undefined || bodyMs === undefined) return "";
  return ` (connected after ${connectMs} ms, ${bodyMs} ms for the body)`;
}
