import type { Handover } from "#model/exchange.ts";
import type { AuditRecord } from "#model/record.ts";

/** Members of a line that records refer to, or of a record. */
export type Members = Readonly<Record<string, unknown>>;

/** What a short record has in place of what its way says of hand-overs and the upstream. */
interface Differing {
  /** µs of each hand-over, in order. */
  readonly micros: readonly number[];
  /** Milliseconds: until connected, until the headers, until the end. Absent: the request went nowhere. */
  readonly upstreamMs?: readonly number[];
}

/** As a worker writes a whole record. */
const order: readonly string[] = (
  "id schema time environment node configHash principal sessionId tokenId tokenDigest clientId unlinked subscription " +
  "product route method host path query protocol client tls handovers decision reasons status bytesIn bytesOut upstream " +
  "durationMs traceparent redacted seq prev hash"
).split(" ");

const whoNames: readonly string[] =
  "principal sessionId tokenId tokenDigest clientId unlinked subscription product".split(" ");
const wayNames: readonly string[] =
  "environment node configHash route method host protocol tls decision reasons status".split(" ");

/** Who asked: members of a whole record that others of theirs share. */
export function whoOf(whole: Members): Members {
  return pick(whole, whoNames);
}

/** What way it took: members of a whole record that others share which took the same. */
export function wayOf(whole: Members): Members {
  const handovers = (whole["handovers"] as readonly Handover[]).map(({ micros: _micros, ...head }) => head);
  const upstream = whole["upstream"] as AuditRecord["upstream"];
  if (upstream === undefined) return { ...pick(whole, wayNames), handovers };
  const { connectMs: _connect, headersMs: _headers, bodyMs: _body, ...head } = upstream;
  return { ...pick(whole, wayNames), handovers, upstream: head };
}

/**
 * The whole record of a short one: with what stands in the lines that it refers to, in the order in which a whole one
 * would have it. Undefined: they are not what a gateway writes.
 */
export function expandRecord(short: Members, who: Members, way: Members): Members | undefined {
  const handovers = handoversOf(way["handovers"], short["micros"]);
  const upstream = upstreamOf(way["upstream"], short["upstreamMs"]);
  if (handovers === undefined || upstream === undefined) return undefined;
  const all: Members = { ...way, ...who, ...short, handovers, ...(upstream !== null && { upstream }) };
  return pick(all, order);
}

function pick(all: Members, names: readonly string[]): Members {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const value = all[name];
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function handoversOf(heads: unknown, micros: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(heads) || !isNumbers(micros) || heads.length !== micros.length) return undefined;
  return heads.map((head: Omit<Handover, "micros">, at) => ({ ...head, micros: micros[at] }));
}

/** Null: the request went nowhere. */
function upstreamOf(head: unknown, ms: unknown): Members | null | undefined {
  if (head === undefined) return ms === undefined ? null : undefined;
  if (!isNumbers(ms) || ms.length !== 3 || typeof head !== "object" || head === null) return undefined;
  const [connectMs, headersMs, bodyMs] = ms;
  return { ...head, connectMs, headersMs, bodyMs };
}

function isNumbers(value: unknown): value is Differing["micros"] {
  return Array.isArray(value) && value.every((one) => typeof one === "number");
}
