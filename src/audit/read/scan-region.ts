import type { Buffer } from "node:buffer";
import { isControl, isEvent } from "#audit/entry.ts";
import { isShort, wayIn, whoIn } from "#audit/shared/reference.ts";
import { anywhere } from "./held-blocks.ts";
import { type Needle, needleOf } from "./needle.ts";
import { parseEntry, type SharedOf } from "./parse-entry.ts";
import { readRange } from "./read-range.ts";
import type { Found, SearchQuery } from "./search-query.ts";
import type { SharedLines, Wanted, Which } from "./shared-lines.ts";

/** What is read at once of a part of the record that has no index. */
const windowBytes = 4 * 1024 * 1024;
const lineBreak = 0x0a;

/**
 * Gives each record that matches, in order, of the whole lines in `bytes` bytes from `offset` on; Infinity: all there are.
 * @param held where lines that records refer to may have what is looked for
 * @returns where what was read ends: the start of half a last line, if there is one
 */
export async function scanRegion(
  shared: SharedLines,
  offset: number,
  bytes: number,
  query: SearchQuery,
  onMatch: (record: Found) => void,
  held: Which = anywhere,
): Promise<number> {
  const needle = needleOf(query);
  const wanted = wantedFor(needle, held);
  let at = offset;
  const end = offset + bytes;
  while (at < end && query.signal?.aborted !== true) {
    const window = await readRange(shared.text, at, Math.min(windowBytes, end - at));
    const whole = window.lastIndexOf(lineBreak) + 1;
    if (whole === 0) break;
    const lines = window.subarray(0, whole);
    if (wanted !== null) await shared.prepare(lines, at, wanted);
    const candidates = candidatesIn(lines, shared, needle);
    await shared.prepareAt(
      lines,
      candidates.filter((start) => isShort(lines, start, endOf(lines, start))),
    );
    tellMatching(lines, candidates, shared, query, onMatch);
    at += whole;
  }
  return at;
}

const nothing: Which = () => false;

/** What has to be known of what records refer to, to know which may match; null: nothing. */
function wantedFor(needle: Needle | undefined, held: Which): Wanted | null {
  if (needle?.place === "own") return null;
  if (needle === undefined) return { who: anywhere, way: anywhere };
  return needle.place === "who" ? { who: held, way: nothing } : { who: nothing, way: held };
}

/** As {@link scanRegion}, in lines that are there, and what they refer to is known. */
export function scanText(
  window: Buffer,
  shared: SharedLines,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): void {
  tellMatching(window, candidatesIn(window, shared, needleOf(query)), shared, query, onMatch);
}

/**
 * Where the lines begin that may match. Those without the needle, where nothing that they refer to has it, are passed over
 * without being read as JSON.
 */
function candidatesIn(window: Buffer, shared: SharedLines, needle: Needle | undefined): readonly number[] {
  const starts: number[] = [];
  // Where the needle stands next: it is looked for once, however many lines are in front of it.
  let hit = needle === undefined ? 0 : window.indexOf(needle.text);
  for (let start = 0, end = endOf(window, 0); end >= 0; end = endOf(window, start)) {
    if (needle !== undefined && hit >= 0 && hit < start) hit = window.indexOf(needle.text, start);
    const stands = needle === undefined || (hit >= 0 && hit < end);
    if (stands || (isShort(window, start, end) && refersTo(window, start, shared, needle))) starts.push(start);
    start = end + 1;
  }
  return starts;
}

function refersTo(window: Buffer, start: number, shared: SharedLines, { place, text }: Needle): boolean {
  if (place === "own") return false;
  return shared.hold(place === "who" ? whoIn(window, start) : wayIn(window, start), text);
}

function tellMatching(
  window: Buffer,
  starts: readonly number[],
  shared: SharedLines,
  query: SearchQuery,
  onMatch: (record: Found) => void,
): void {
  for (const start of starts) {
    const record = matchOf(window.toString("utf8", start, endOf(window, start)), shared.of, query);
    if (record !== undefined) onMatch(record);
  }
}

function endOf(window: Buffer, start: number): number {
  return window.indexOf(lineBreak, start);
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
