import { Buffer } from "node:buffer";
import { readRange } from "#audit/read/read-range.ts";
import { withSegment } from "#audit/read/segment-text.ts";
import { SharedLines } from "#audit/read/shared-lines.ts";
import { listSegments, type Segment } from "#audit/read/segments.ts";
import type { IndexedBlock, IndexEnd, SearchIndex } from "#model/search-index.ts";
import { BlockBuilder } from "./block-builder.ts";
import { KnownParts, termsOfJson } from "./known-parts.ts";
import { SharedTerms } from "./shared-terms.ts";

/** Lines of this many bytes are a block: what one look at a candidate costs, against how many blocks there are. */
const usualBlockBytes = 256 * 1024;
const windowBytes = 4 * 1024 * 1024;
const lineBreak = 0x0a;

export interface IndexerOptions {
  readonly directory: string;
  readonly index: SearchIndex;
  /** Default 256 KiB. */
  readonly blockBytes?: number;
}

/** Brings the index up to date with the record. Several may do so at the same time, also in several processes. */
export class Indexer {
  readonly #options: IndexerOptions;
  readonly #builder = new BlockBuilder();
  /** Of one read after the other: a new one would be as many new pages. */
  readonly #window = Buffer.allocUnsafeSlow(windowBytes);
  readonly #parts = new KnownParts(termsOfJson);
  /** Of the segment that is read. */
  #shared = { segment: 0, terms: new SharedTerms(this.#parts) };
  #sound = false;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /**
   * Takes at most one window of 4 MiB, a few milliseconds of work, so that others run between calls.
   * @returns bytes that are indexed now and were not before; 0: there is no more for now
   */
  async advance(): Promise<number> {
    const { directory, index } = this.#options;
    const segments = await listSegments(directory);
    const end = await this.#end(segments);
    const at = segments.findIndex(({ number }) => number >= end.segment);
    const segment = segments[at];
    if (segment === undefined) return 0;
    const next = segments[at + 1];
    const from = segment.number === end.segment ? end.offset : 0;
    const { blocks, offset, finished } = await this.#read(segment, from, next !== undefined);
    const to =
      finished && next !== undefined ? { segment: next.number, offset: 0 } : { segment: segment.number, offset };
    if (to.segment === end.segment && to.offset === end.offset) return 0;
    index.add(end, blocks, to);
    return Math.max(1, offset - from);
  }

  /** A crash may have cut off lines that were indexed, with others in their place now: that segment is read anew. */
  async #end(segments: readonly Segment[]): Promise<IndexEnd> {
    const { index } = this.#options;
    const end = index.end();
    if (this.#sound) return end;
    this.#sound = true;
    index.dropBefore(segments[0]?.number ?? 0);
    const newest = segments.at(-1)?.number ?? 0;
    const segment = segments.find(({ number }) => number === end.segment);
    const last = index.last(end.segment);
    // A segment that is not there: the folder is another one's.
    if (end.segment > newest) index.dropFrom(0);
    else if (last !== undefined && segment !== undefined && !(await isThere(segment, last)))
      index.dropFrom(end.segment);
    return index.end();
  }

  #sharedOf({ number }: Segment): SharedTerms {
    if (this.#shared.segment !== number) this.#shared = { segment: number, terms: new SharedTerms(this.#parts) };
    return this.#shared.terms;
  }

  async #read(segment: Segment, from: number, toItsEnd: boolean): Promise<Read> {
    const shared = this.#sharedOf(segment);
    const bytes = await withSegment(segment, async (text) => {
      const lines = await readRange(text, from, windowBytes, this.#window);
      const referred = new SharedLines(text);
      shared.begin((at) => referred.membersAt(at));
      const isNew = (at: number): boolean => !shared.knows(at);
      await referred.prepare(lines, from, { who: isNew, way: isNew });
      return lines;
    });
    const finished = bytes.length < windowBytes;
    const { blockBytes = usualBlockBytes } = this.#options;
    const builder = this.#builder;
    const blocks: IndexedBlock[] = [];
    let offset = from;
    const take = (): void => {
      const block = builder.take(segment.number, offset);
      offset += block.bytes;
      blocks.push(block);
    };
    builder.reset();
    builder.refersTo(shared);
    eachLine(bytes, (start, end) => {
      builder.add(bytes, start, end);
      if (builder.bytes >= blockBytes) take();
    });
    if (toItsEnd && finished && builder.lines > 0) take();
    return { blocks, offset, finished };
  }
}

interface Read {
  readonly blocks: readonly IndexedBlock[];
  /** Where the next block begins. */
  readonly offset: number;
  readonly finished: boolean;
}

async function isThere(segment: Segment, block: IndexedBlock): Promise<boolean> {
  const bytes = await bytesAt(segment, block.offset, block.bytes);
  if (bytes.length < block.bytes || bytes.at(-1) !== lineBreak) return false;
  const builder = new BlockBuilder();
  eachLine(bytes, (start, end) => builder.add(bytes, start, end));
  const { firstSeq, lines } = builder.take(block.segment, block.offset);
  return firstSeq === block.firstSeq && lines === block.lines;
}

function bytesAt(segment: Segment, offset: number, length: number): Promise<Buffer> {
  return withSegment(segment, (text) => readRange(text, offset, length));
}

/** Whole lines only. */
function eachLine(bytes: Buffer, each: (start: number, end: number) => void): void {
  let start = 0;
  for (let end = bytes.indexOf(lineBreak); end >= 0; end = bytes.indexOf(lineBreak, start)) {
    each(start, end);
    start = end + 1;
  }
}
