import type { SearchIndex } from "#model/search-index.ts";
import { anywhere, heldIn } from "./held-blocks.ts";
import { needleOf } from "./needle.ts";
import { type Region, regionsOf } from "./regions.ts";
import { scanRegion } from "./scan-region.ts";
import type { Found, SearchQuery } from "./search-query.ts";
import { openSegment } from "./segment-text.ts";
import { listSegments, type Segment } from "./segments.ts";
import { SharedLines, type Which } from "./shared-lines.ts";

export interface SearchResult {
  /** Oldest first. */
  readonly records: readonly Found[];
  /** There are more, older than these. */
  readonly more: boolean;
  /** Bytes of the record that were looked into. */
  readonly bytes: number;
}

/**
 * The newest `limit` records that match. What the index rules out is not read; what it does not know yet is. Without
 * one all is read, from the newest segment back.
 */
export async function searchRecords(
  directory: string,
  index: SearchIndex | undefined,
  query: SearchQuery,
  limit: number,
): Promise<SearchResult> {
  const newestFirst: Found[] = [];
  let bytes = 0;
  await using files = new SegmentFiles(index, query);
  for (const region of regionsOf(await listSegments(directory), index, query)) {
    if (newestFirst.length > limit || query.signal?.aborted === true) break;
    const found = new Newest(limit + 1 - newestFirst.length);
    const end = await files.scan(region, (record) => found.add(record));
    newestFirst.push(...found.take());
    bytes += end - region.offset;
  }
  return { records: newestFirst.slice(0, limit).toReversed(), more: newestFirst.length > limit, bytes };
}

/** Gives every record that matches, oldest first. */
export async function eachRecord(
  directory: string,
  index: SearchIndex | undefined,
  query: SearchQuery,
  onMatch: (record: Found) => void | Promise<void>,
): Promise<void> {
  const newestFirst = [...regionsOf(await listSegments(directory), index, query)];
  await using files = new SegmentFiles(index, query);
  for (const region of newestFirst.toReversed()) {
    if (query.signal?.aborted === true) return;
    const found: Found[] = [];
    await files.scan(region, (record) => void found.push(record));
    for (const record of found) await onMatch(record);
  }
}

/** The last `most` of many, in bounded memory. */
class Newest {
  readonly #most: number;
  #records: Found[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  add(record: Found): void {
    this.#records.push(record);
    if (this.#records.length > 2 * this.#most + 1000) this.#records = this.#records.slice(-this.#most);
  }

  /** Newest first. */
  take(): readonly Found[] {
    return this.#records.slice(-this.#most).toReversed();
  }
}

/** One segment is open at a time: regions come segment by segment. */
class SegmentFiles {
  readonly #index: SearchIndex | undefined;
  readonly #query: SearchQuery;
  #number = 0;
  #shared: SharedLines | undefined;
  #held: Which = anywhere;

  constructor(index: SearchIndex | undefined, query: SearchQuery) {
    this.#index = index;
    this.#query = query;
  }

  /** @returns where what was read ends */
  async scan({ segment, offset, bytes }: Region, onMatch: (record: Found) => void): Promise<number> {
    const shared = await this.#of(segment);
    return scanRegion(shared, offset, bytes, this.#query, onMatch, this.#held);
  }

  async #of(segment: Segment): Promise<SharedLines> {
    if (this.#shared !== undefined && this.#number === segment.number) return this.#shared;
    await this.#shared?.text.close();
    this.#shared = undefined;
    this.#shared = new SharedLines(await openSegment(segment));
    this.#number = segment.number;
    this.#held = heldIn(this.#index, segment.number, needleOf(this.#query));
    return this.#shared;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared?.text.close();
  }
}
