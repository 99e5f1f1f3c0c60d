import type { Buffer } from "node:buffer";
import { isControl, isEvent } from "#audit/entry.ts";
import { parseEntry } from "./parse-entry.ts";
import { readRange } from "./read-range.ts";
import type { Found, Required, SearchQuery } from "./search-query.ts";
import type { SegmentText } from "./segment-text.ts";

/** What is read at once of a part of the record that has no index. */
const windowBytes = 4 * 1024 * 1024;
const lineBreak = 0x0a;

/**
 * Gives each record that matches, in order, of the whole lines in `bytes` bytes from `offset` on; Infinity: all there are.
 * @returns where what was read ends: the start of half a last line, if there is one
 */
export async function scanRegion(
  text: SegmentText,
  offset: number,
  bytes: number,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): Promise<number> {
  let at = offset;
  const end = offset + bytes;
  while (at < end && query.signal?.aborted !== true) {
    const window = await readRange(text, at, Math.min(windowBytes, end - at));
    const whole = window.lastIndexOf(lineBreak) + 1;
    if (whole === 0) break;
    scanText(window.subarray(0, whole), query, onMatch);
    at += whole;
  }
  return at;
}

/** As {@link scanRegion}, in lines that are there. Those without the needle are passed over without being looked at. */
export function scanText(window: Buffer, query: SearchQuery, onMatch: (record: Found) => void): void {
  const needle = needleOf(query.required);
  for (let start = 0; start < window.length;) {
    if (needle !== undefined) {
      const hit = window.indexOf(needle, start);
      if (hit < 0) return;
      start = window.lastIndexOf(lineBreak, hit) + 1;
    }
    const end = window.indexOf(lineBreak, start);
    if (end < 0) return;
    const record = matchOf(window.toString("utf8", start, end), query);
    if (record !== undefined) onMatch(record);
    start = end + 1;
  }
}

/** What stands on a line, if the query asks for it: an intent, which another record tells the end of, only by its stage. */
export function matchOf(line: string, { fromMs, toMs, required, matches }: SearchQuery): Found | undefined {
  const entry = parseEntry(line);
  if (entry === undefined || isControl(entry)) return undefined;
  const isIntent = !isEvent(entry) && entry.stage === "intent";
  if (isIntent && !required.some(({ path }) => path === "stage")) return undefined;
  const madeAt = Date.parse(entry.time);
  return madeAt >= fromMs && madeAt < toMs && matches(entry) ? entry : undefined;
}

/** Paths that set few records apart come last. */
const common: ReadonlySet<string> = new Set(["decision", "principal.kind", "method", "environment", "node"]);

/** A text that stands in every line that matches, as JSON writes it: only what all writers of JSON write alike. */
function needleOf(required: readonly Required[]): string | undefined {
  const plain = required.filter(
    ({ value }) => typeof value === "string" && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(value),
  );
  const best = plain.find(({ path }) => path === "id") ?? plain.find(({ path }) => !common.has(path)) ?? plain[0];
  return best === undefined ? undefined : `"${best.value}"`;
}
