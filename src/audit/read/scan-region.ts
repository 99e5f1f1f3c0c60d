import type { Buffer } from "node:buffer";
import { isControl, isEvent } from "#audit/entry.ts";
import { isShort } from "#audit/shared/reference.ts";
import { parseEntry, type SharedOf } from "./parse-entry.ts";
import { readRange } from "./read-range.ts";
import type { Found, Required, SearchQuery } from "./search-query.ts";
import type { SharedLines } from "./shared-lines.ts";

/** What is read at once of a part of the record that has no index. */
const windowBytes = 4 * 1024 * 1024;
const lineBreak = 0x0a;

/**
 * Gives each record that matches, in order, of the whole lines in `bytes` bytes from `offset` on; Infinity: all there are.
 * @returns where what was read ends: the start of half a last line, if there is one
 */
export async function scanRegion(
  shared: SharedLines,
  offset: number,
  bytes: number,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): Promise<number> {
  let at = offset;
  const end = offset + bytes;
  while (at < end && query.signal?.aborted !== true) {
    const window = await readRange(shared.text, at, Math.min(windowBytes, end - at));
    const whole = window.lastIndexOf(lineBreak) + 1;
    if (whole === 0) break;
    const lines = window.subarray(0, whole);
    await shared.prepare(lines, at);
    scanText(lines, shared, query, onMatch);
    at += whole;
  }
  return at;
}

/**
 * As {@link scanRegion}, in lines that are there, and what they refer to is known. Those without the needle, where nothing
 * that they refer to has it, are passed over without being read as JSON.
 */
export function scanText(
  window: Buffer,
  shared: SharedLines,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): void {
  const needle = needleOf(query.required);
  // Where the needle stands next: it is looked for once, however many lines are in front of it.
  let hit = needle === undefined ? 0 : window.indexOf(needle);
  for (let start = 0, end = window.indexOf(lineBreak); end >= 0; end = window.indexOf(lineBreak, start)) {
    if (needle !== undefined && hit >= 0 && hit < start) hit = window.indexOf(needle, start);
    const isCandidate =
      needle === undefined ||
      (hit >= 0 && hit < end) ||
      (isShort(window, start, end) && shared.hold(window, start, needle));
    const record = isCandidate ? matchOf(window.toString("utf8", start, end), shared.of, query) : undefined;
    if (record !== undefined) onMatch(record);
    start = end + 1;
  }
}

/** What stands on a line, if the query asks for it: an intent, which another record tells the end of, only by its stage. */
export function matchOf(
  line: string,
  shared: SharedOf,
  { fromMs, toMs, required, matches }: SearchQuery,
): Found | undefined {
  const entry = parseEntry(line, shared);
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
