import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { blocksOf, createLanes, type Sha256Lanes } from "#lib/sha256/lanes.ts";
import { nodeMark } from "./tree-hash.ts";

/** Of a hash. */
export const hashBytes = 32;
const pairBytes = 2 * hashBytes;

/** Hashes the nodes of one level of a tree into those of the next. */
export interface PairHashing {
  /** Where the nodes are put, one behind the other. */
  readonly memory: Buffer;
  /** From here on. */
  readonly free: number;
  /** Hashes so many pairs from `from` on into nodes from `to` on, which may be in front of the pairs that were read. */
  hashPairs(from: number, pairs: number, to: number): void;
}

/** What four nodes beyond the last pair may spoil. */
const slack = 4 * pairBytes;

/** @param bytes that the caller wants of memory */
export function createPairHashing(bytes: number): PairHashing {
  const lanes = createLanes(bytes + slack);
  return lanes === undefined ? new OneByOne(bytes) : new FourAtOnce(lanes);
}

/** Four nodes in the time of little more than one call of `crypto.hash`. */
class FourAtOnce implements PairHashing {
  readonly memory: Buffer;
  readonly free: number;
  readonly #lanes: Sha256Lanes;

  constructor(lanes: Sha256Lanes) {
    this.memory = lanes.memory;
    this.free = lanes.free;
    this.#lanes = lanes;
  }

  hashPairs(from: number, pairs: number, to: number): void {
    const lanes = this.#lanes;
    for (let pair = 0; pair < pairs; pair += 4) {
      for (let lane = 0; lane < 4; lane += 1) {
        lanes.place(lane, nodeMark, from + (pair + lane) * pairBytes, pairBytes);
      }
      const first = to + pair * hashBytes;
      lanes.run(nodeBlocks, first, first + hashBytes, first + 2 * hashBytes, first + 3 * hashBytes);
    }
  }
}

const nodeBlocks = blocksOf(1 + pairBytes);

/** Where there is nothing but `crypto.hash`. */
export class OneByOne implements PairHashing {
  readonly memory: Buffer;
  readonly free = 0;
  readonly #node: Buffer = Buffer.alloc(1 + pairBytes, nodeMark);

  constructor(bytes: number) {
    this.memory = Buffer.alloc(bytes);
  }

  hashPairs(from: number, pairs: number, to: number): void {
    for (let pair = 0; pair < pairs; pair += 1) {
      const start = from + pair * pairBytes;
      this.memory.copy(this.#node, 1, start, start + pairBytes);
      this.memory.write(hash("sha256", this.#node, "hex"), to + pair * hashBytes, "hex");
    }
  }
}
