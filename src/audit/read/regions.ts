import { mayHold } from "#audit/index/bloom.ts";
import { idTerm, isIndexed, termOf } from "#audit/index/terms.ts";
import type { BlockQuery, IndexedBlock, IndexEnd, SearchIndex } from "#model/search-index.ts";
import type { Required, SearchQuery } from "./search-query.ts";
import type { Segment } from "./segments.ts";
import { uuidTime } from "./uuid-time.ts";

/** A part of a segment that may hold what is looked for: whole lines. */
export interface Region {
  readonly segment: Segment;
  readonly offset: number;
  /** Infinity: all from there on. */
  readonly bytes: number;
}

/** Newest first: what has no index yet, then the blocks that the index does not rule out. */
export function* regionsOf(
  segments: readonly Segment[],
  index: SearchIndex | undefined,
  query: SearchQuery,
): Iterable<Region> {
  const end = index?.end() ?? { segment: 0, offset: 0 };
  for (const segment of segments.toReversed()) {
    const region = unindexed(segment, end);
    if (region !== undefined) yield region;
  }
  if (index === undefined) return;
  const byNumber = new Map(segments.map((segment) => [segment.number, segment]));
  const tests = query.required.map(testOf).filter((test) => test !== undefined);
  for (const block of index.blocks(rangeOf(query))) {
    const segment = byNumber.get(block.segment);
    if (segment === undefined || !tests.every((test) => test(block))) continue;
    yield { segment, offset: block.offset, bytes: block.bytes };
  }
}

function unindexed(segment: Segment, end: IndexEnd): Region | undefined {
  if (segment.number < end.segment) return undefined;
  return { segment, offset: segment.number === end.segment ? end.offset : 0, bytes: Infinity };
}

/** An id says when its request began, and a block from when to when its requests did. */
function rangeOf({ fromMs, toMs, required }: SearchQuery): BlockQuery {
  const id = required.find(({ path }) => path === "id")?.value;
  const madeAt = typeof id === "string" ? uuidTime(id) : undefined;
  if (madeAt === undefined) return { fromMs, toMs };
  return { fromMs: Math.max(fromMs, madeAt - toleranceMs), toMs: Math.min(toMs, madeAt + toleranceMs) };
}

type BlockTest = (block: IndexedBlock) => boolean;

function testOf({ path, value }: Required): BlockTest | undefined {
  if (path === "id") return idTest(String(value));
  if (!isIndexed(path)) return undefined;
  const term = termOf(path, String(value));
  return ({ filter }) => mayHold(filter, term);
}

/** An id's time is when its request began by the clock, give or take what a clock is set back by. */
const toleranceMs = 2000;

function idTest(id: string): BlockTest {
  const term = idTerm(id);
  const madeAt = uuidTime(id);
  if (madeAt === undefined) return ({ filter }) => mayHold(filter, term);
  return ({ filter, fromMs, usualFromMs, toMs }) => {
    if (madeAt < fromMs - toleranceMs || madeAt > toMs + toleranceMs) return false;
    return madeAt >= usualFromMs - toleranceMs || mayHold(filter, term);
  };
}
