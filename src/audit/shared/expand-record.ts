import type { Handover } from "#model/exchange.ts";
import type { AuditRecord, StoredRecord } from "#model/record.ts";

/** Members of a line that records refer to, or of a record. */
export type Members = Readonly<Record<string, unknown>>;

/** What a short record has in place of what its way says of hand-overs and the upstream. */
interface Differing {
  /** µs of each hand-over, in order. */
  readonly micros: readonly number[];
  /** Milliseconds: until connected, until the headers, until the end. Absent: the request went nowhere. */
  readonly upstreamMs?: readonly number[];
}

/**
 * Where each member of a record stands, in the order in which a worker writes a whole one. A member that is new has to be
 * here, and one of `who` or `way` has to be among what `ShortWriter` and `Ways` compare: short records would lack it, or say
 * what is another one's.
 */
const places: Readonly<Record<keyof StoredRecord, "own" | "who" | "way">> = {
  id: "own",
  schema: "own",
  time: "own",
  environment: "way",
  node: "way",
  configHash: "way",
  principal: "who",
  sessionId: "who",
  tokenId: "who",
  tokenDigest: "who",
  clientId: "who",
  unlinked: "who",
  subscription: "who",
  oldKey: "who",
  product: "who",
  route: "way",
  method: "way",
  host: "way",
  path: "own",
  query: "own",
  protocol: "way",
  client: "own",
  tls: "way",
  handovers: "way",
  decision: "way",
  reasons: "way",
  status: "way",
  response: "own",
  askedBy: "own",
  bytesIn: "own",
  bytesOut: "own",
  upstream: "way",
  durationMs: "own",
  traceparent: "own",
  redacted: "own",
  stage: "own",
  seq: "own",
  prev: "own",
  hash: "own",
};

/** Where a short record has what a path leads to: in itself, or in one of the lines that it refers to. */
export function placeOf(path: string): "own" | "who" | "way" {
  const [member = ""] = path.split(".", 1);
  return Object.hasOwn(places, member) ? places[member as keyof StoredRecord] : "own";
}

const order: readonly string[] = Object.keys(places);
const whoNames = namesOf("who");
const wayNames = namesOf("way");

function namesOf(place: "who" | "way"): readonly string[] {
  return Object.entries(places).flatMap(([name, one]) => (one === place ? [name] : []));
}

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
