import type { Buffer } from "node:buffer";
import { chainStart } from "#audit/chain.ts";
import { hashBytes } from "#audit/merkle/pair-hashing.ts";
import { createLeafHashing, type LeafHashing, type Lines } from "./leaf-hashing.ts";
import { nextBreak, readWindows, windowBytes } from "./read-windows.ts";
import type { ScanResult } from "./scan-lines.ts";
import type { OnDamage } from "./segment-text.ts";
import type { Segment } from "./segments.ts";

/** As `OnLine`, of lines in the scan's memory; `own` is where the digest of the line lies, `prev` that of the line in front of it. */
export type OnHashedLine = (start: number, end: number, line: number, prev: number, own: number) => boolean;

/** Lines that are hashed at once: their bytes are still near when they are looked at. */
const atOnce = 256;

/** Digests with one in front of them, wherever they begin, and a window with a byte in front. */
const bytesTaken = (2 + atOnce) * hashBytes + 1 + windowBytes;

/** Reads lines as `scanLines` does, of one segment after the other, with the hashes that they should have. */
export class HashedScan {
  readonly hashing: LeafHashing;
  readonly #lines: Lines = { starts: new Int32Array(atOnce), ends: new Int32Array(atOnce), count: 0 };
  /** Where the digest lies of the line in front of those that are hashed at once; theirs follow. */
  readonly before: number;
  readonly #from: number;

  constructor(hashing: LeafHashing = createLeafHashing(bytesTaken)) {
    this.hashing = hashing;
    this.before = Math.ceil(hashing.free / hashBytes) * hashBytes;
    this.#from = this.before + (1 + atOnce) * hashBytes + 1;
    this.beginBehind(chainStart.hash);
  }

  get memory(): Buffer {
    return this.hashing.memory;
  }

  /** Says what line the first one follows. @param hash hex */
  beginBehind(hash: string): void {
    this.memory.write(hash, this.before, "hex");
  }

  hexOf(digest: number): string {
    return this.memory.toString("hex", digest, digest + hashBytes);
  }

  async scan(segment: Segment, onLine: OnHashedLine, onDamage?: OnDamage): Promise<ScanResult> {
    const lines = this.#lines;
    let seen = 0;
    const place = { buffer: this.memory, from: this.#from };
    const { rest, bytes, stopped } = await readWindows(segment, place, onDamage, (fresh, filled) => {
      let start = this.#from;
      for (let from = fresh; ; from = start) {
        start = this.#gather(start, from, filled);
        this.hashing.hashLeaves(lines, this.before + hashBytes);
        if (!this.#tell(seen, onLine)) return null;
        seen += lines.count;
        if (lines.count < atOnce) return start;
      }
    });
    return { lines: seen, rest, bytes, stopped };
  }

  /** @returns where the line behind them begins */
  #gather(first: number, fresh: number, filled: number): number {
    const lines = this.#lines;
    let start = first;
    let count = 0;
    for (let from = fresh; count < atOnce; from = start) {
      const end = nextBreak(this.memory, from, filled);
      if (end < 0) break;
      lines.starts[count] = start;
      lines.ends[count] = end;
      count += 1;
      start = end + 1;
    }
    lines.count = count;
    return start;
  }

  #tell(seen: number, onLine: OnHashedLine): boolean {
    const { starts, ends, count } = this.#lines;
    for (let index = 0; index < count; index += 1) {
      const prev = this.before + hashBytes * index;
      if (!onLine(starts[index] as number, ends[index] as number, seen + index + 1, prev, prev + hashBytes))
        return false;
    }
    const last = this.before + hashBytes * count;
    this.memory.copyWithin(this.before, last, last + hashBytes);
    return true;
  }
}
