import { Buffer } from "node:buffer";
import { blocksOf, createLanes, longestInLane, type Sha256Lanes } from "#lib/sha256/lanes.ts";
import { coveredEnd, type DigestText } from "#audit/chain.ts";
import { hashBytes } from "#audit/merkle/pair-hashing.ts";
import { leafHash, leafMark } from "#audit/merkle/tree-hash.ts";

/** Lines, by where they begin and end, without their breaks. */
export interface Lines {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  count: number;
}

/** Hashes lines where they were read. Digests are addresses in its memory. */
export interface LeafHashing extends DigestText {
  readonly memory: Buffer;
  /** From here on it is the caller's, after a byte in front of the first line. */
  readonly free: number;
  /** Digests of what the lines' own hashes cover, one behind the other. Of a line that is too short to have one: anything. */
  hashLeaves(lines: Lines, to: number): void;
}

/** What is read behind the last line, and in front of the first. */
const slack = 64;

export function createLeafHashing(bytes: number): LeafHashing {
  const lanes = createLanes(bytes + slack);
  return lanes === undefined ? new LeafByLeaf(bytes + slack) : new FourLeaves(lanes);
}

/** Where there is nothing but `crypto.hash`. */
export class LeafByLeaf implements LeafHashing {
  readonly memory: Buffer;
  readonly free = 1;

  constructor(bytes: number) {
    this.memory = Buffer.alloc(bytes);
  }

  hashLeaves(lines: Lines, to: number): void {
    for (let index = 0; index < lines.count; index += 1) hashOne(this.memory, lines, index, to);
  }

  isHex(digest: number, text: number): boolean {
    const { memory } = this;
    return memory.toString("hex", digest, digest + hashBytes) === memory.toString("latin1", text, text + 2 * hashBytes);
  }
}

/** Those of as many blocks four at a time, which takes short ones half of the time; long ones by themselves. */
class FourLeaves implements LeafHashing {
  readonly memory: Buffer;
  readonly free: number;
  readonly #lanes: Sha256Lanes;
  /** By number of blocks: lines that wait for others. */
  readonly #waiting: Int32Array = new Int32Array(4 * (mostBlocks + 1));
  readonly #waits: Uint8Array = new Uint8Array(mostBlocks + 1);

  constructor(lanes: Sha256Lanes) {
    this.memory = lanes.memory;
    this.free = lanes.free + 1;
    this.#lanes = lanes;
  }

  hashLeaves(lines: Lines, to: number): void {
    for (let index = 0; index < lines.count; index += 1) {
      const length = coveredLength(lines, index);
      if (length <= 0) continue;
      if (length > longestInLane) hashOne(this.memory, lines, index, to);
      else this.#wait(lines, index, blocksOf(1 + length), to);
    }
    this.#hashRest(lines, to);
  }

  isHex(digest: number, text: number): boolean {
    return this.#lanes.isHex(digest, text);
  }

  #wait(lines: Lines, index: number, blocks: number, to: number): void {
    const waits = this.#waits[blocks] as number;
    this.#waiting[4 * blocks + waits] = index;
    this.#waits[blocks] = (waits + 1) % 4;
    if (waits === 3) this.#hashFour(lines, blocks, to);
  }

  #hashFour(lines: Lines, blocks: number, to: number): void {
    const lanes = this.#lanes;
    for (let lane = 0; lane < 4; lane += 1) {
      const index = this.#waiting[4 * blocks + lane] as number;
      lanes.place(lane, leafMark, lines.starts[index] as number, coveredLength(lines, index));
    }
    const at = (lane: number): number => to + hashBytes * (this.#waiting[4 * blocks + lane] as number);
    lanes.run(blocks, at(0), at(1), at(2), at(3));
  }

  #hashRest(lines: Lines, to: number): void {
    for (const [blocks, waits] of this.#waits.entries()) {
      for (let at = 0; at < waits; at += 1) hashOne(this.memory, lines, this.#waiting[4 * blocks + at] as number, to);
    }
    this.#waits.fill(0);
  }
}

const mostBlocks = blocksOf(1 + longestInLane);

function coveredLength({ starts, ends }: Lines, index: number): number {
  return coveredEnd(ends[index] as number) - (starts[index] as number);
}

function hashOne(memory: Buffer, lines: Lines, index: number, to: number): void {
  const start = lines.starts[index] as number;
  const length = coveredLength(lines, index);
  if (length > 0) memory.write(leafHash(memory, start, start + length), to + hashBytes * index, "hex");
}
