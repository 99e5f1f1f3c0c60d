import type { HeaderList } from "#model/header-list.ts";

export interface TraceParent {
  readonly traceId: string;
  readonly spanId: string;
  readonly sampled: boolean;
  readonly state: string | null;
}

const shape = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:$|-)/;
const length = 55;
const sampledBit = 1;

const members = 32;
/** More is for nobody to carry: a state this long is dropped as a whole. */
const longestState = 2048;
const member =
  /^(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * The trace that a request is part of; null: none, or what it says is none. Later versions may append fields.
 * @see https://www.w3.org/TR/trace-context/#a-traceparent-is-received
 */
export function traceParentOf(headers: HeaderList): TraceParent | null {
  const text = headers.get("traceparent");
  if (text === undefined || text.length < length || !shape.test(text)) return null;
  if (text.length > length && text.startsWith("00")) return null;
  // Two of them are two stories.
  if (headers.all("traceparent").length > 1) return null;
  return {
    traceId: text.slice(3, 35),
    spanId: text.slice(36, 52),
    sampled: (Number.parseInt(text.slice(53, 55), 16) & sampledBit) === sampledBit,
    state: traceStateOf(headers.joined("tracestate")),
  };
}

/** As it came, if all of it is well-formed: else the list is nobody's. */
function traceStateOf(text: string | undefined): string | null {
  if (text === undefined || text.length > longestState) return null;
  const list = text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  if (list.length === 0 || list.length > members || !list.every((one) => member.test(one))) return null;
  const keys = new Set(list.map((one) => one.slice(0, one.indexOf("="))));
  return keys.size === list.length ? list.join(",") : null;
}
