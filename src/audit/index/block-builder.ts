import { Buffer } from "node:buffer";
import type { IndexedBlock } from "#model/search-index.ts";
import { buildFilter } from "./bloom.ts";
import { addPart, KnownParts, termsOfMembers } from "./known-parts.ts";
import { isShort, wayIn, whoIn } from "#audit/shared/reference.ts";
import { LineLayout } from "./line-layout.ts";
import { LineTime } from "./line-time.ts";
import { standsAt } from "#audit/stands-at.ts";
import type { SharedTerms } from "./shared-terms.ts";
import { TermSet } from "./term-set.ts";
import { idTerm, termsOf } from "./terms.ts";

/** A request whose record comes this long after it began is found by its id's term, not by its time. */
const lateMs = 60_000;

const idStart = Buffer.from('{"id":"');
const seqMember = Buffer.from(',"seq":');
const uuidLength = 36;
const digit7 = 0x37;
const quote = 0x22;

/** Gathers lines into blocks, one after the other. */
export class BlockBuilder {
  readonly #parts = new KnownParts(termsOfMembers);
  readonly #layout = new LineLayout();
  readonly #time = new LineTime();
  #number = 0;
  #shared: SharedTerms | undefined;
  readonly #terms = new TermSet();
  #lateBefore = 0;
  #lines = 0;
  #bytes = 0;
  #firstSeq = 0;
  /** Milliseconds since the epoch. */
  #from = Number.POSITIVE_INFINITY;
  #usualFrom = Number.POSITIVE_INFINITY;
  #to = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get lines(): number {
    return this.#lines;
  }

  /** What the next lines refer to. */
  refersTo(shared: SharedTerms): void {
    this.#shared = shared;
  }

  /** Forgets lines that no block has taken: they come again. */
  reset(): void {
    this.#number += 1;
    this.#terms.clear();
    this.#lines = 0;
    this.#bytes = 0;
    this.#from = Number.POSITIVE_INFINITY;
    this.#usualFrom = Number.POSITIVE_INFINITY;
    this.#to = 0;
  }

  /** One line from `start` to `end`, without its break. Anything at all may stand there. */
  add(bytes: Buffer, start: number, end: number): void {
    this.#lines += 1;
    this.#bytes += end + 1 - start;
    if (this.#lines === 1) this.#firstSeq = seqOf(bytes, start, end);
    if (end - start <= idStart.length || !standsAt(bytes, start, idStart)) return;
    const time = this.#time.read(bytes, start, end);
    if (time < this.#from) this.#from = time;
    if (time > this.#to) this.#to = time;
    this.#id(bytes, start, end, time);
    if (isShort(bytes, start, end)) return this.#refer(bytes, start);
    const layout = this.#layout;
    if (!layout.find(bytes, start, end)) return this.#whole(bytes.toString("utf8", start, end));
    this.#part(bytes.toString("latin1", layout.whoStart, layout.whoEnd));
    this.#part(bytes.toString("latin1", layout.decisionStart, layout.decisionEnd));
  }

  /** The block of the lines since the last one, which began at `offset` of its segment. */
  take(segment: number, offset: number): IndexedBlock {
    const block = {
      segment,
      offset,
      bytes: this.#bytes,
      lines: this.#lines,
      firstSeq: this.#firstSeq,
      fromMs: finiteOr0(this.#from),
      usualFromMs: finiteOr0(this.#usualFrom),
      toMs: this.#to,
      filter: buildFilter(this.#terms),
    };
    if (block.toMs > lateMs) this.#lateBefore = block.toMs - lateMs;
    this.reset();
    return block;
  }

  /** The time in a version 7 UUID leads to its block, unless its record came late. */
  #id(bytes: Buffer, start: number, end: number, time: number): void {
    const id = start + idStart.length;
    const isUsual = bytes[id + 14] === digit7 && bytes[id + uuidLength] === quote && time >= this.#lateBefore;
    if (!isUsual) {
      const idEnd = bytes.indexOf(quote, id);
      if (idEnd > id && idEnd < end) this.#terms.add(idTerm(bytes.toString("utf8", id, idEnd)));
    } else if (time < this.#usualFrom) this.#usualFrom = time;
  }

  #part(part: string): void {
    addPart(this.#parts.of(part), this.#number, this.#terms);
  }

  #refer(bytes: Buffer, start: number): void {
    this.#shared?.add(whoIn(bytes, start), this.#number, this.#terms);
    this.#shared?.add(wayIn(bytes, start), this.#number, this.#terms);
  }

  /** A line of another form, such as an event. */
  #whole(line: string): void {
    try {
      for (const term of termsOf(JSON.parse(line) as Readonly<Record<string, unknown>>)) this.#terms.add(term);
    } catch {
      // Not as it was written: for `audit verify` to say.
    }
  }
}

/** 0 where there is none. */
function seqOf(bytes: Buffer, start: number, end: number): number {
  const at = bytes.lastIndexOf(seqMember, end);
  if (at < start) return 0;
  const from = at + seqMember.length;
  return Number.parseInt(bytes.toString("latin1", from, Math.min(end, from + 17)), 10) || 0;
}

function finiteOr0(ms: number): number {
  return Number.isFinite(ms) ? ms : 0;
}
