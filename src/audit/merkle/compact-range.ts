import { Buffer } from "node:buffer";
import { lazily } from "#lib/lazily.ts";
import { createPairHashing, hashBytes, type PairHashing } from "./pair-hashing.ts";
import { emptyRoot, nodeHash } from "./tree-hash.ts";

/** What is needed of a tree to let it grow: the roots of its perfect subtrees, largest and leftmost first. */
export interface TreeState {
  /** Leaves. */
  readonly size: number;
  /** As many as `size` has bits that are one. */
  readonly hashes: readonly string[];
}

export const emptyTree: TreeState = { size: 0, hashes: [] };

/** Told of the perfect subtrees of a level that became whole, a row of them: how many are to the left, and their hashes. */
export type OnNodes = (level: number, index: number, hashes: Buffer) => void;

/** Leaves that wait for what is above them. */
const mostWaiting = 1024;

/**
 * A Merkle tree that only grows, in as many hashes as its size has bits. A leaf costs one hash on average, whatever
 * the size. What is above leaves is hashed many at a time, no sooner than somebody asks for it.
 *
 * @see RFC 6962 §2.1
 */
export class CompactRange {
  /** By level: the hash of a perfect subtree where the number of settled leaves has a bit that is one. */
  readonly #tops: (string | undefined)[];
  readonly #onNodes: OnNodes | undefined;
  #settled: number;
  readonly #waiting: Buffer = Buffer.allocUnsafe(mostWaiting * hashBytes);
  #waits = 0;

  constructor(from: TreeState = emptyTree, onNodes?: OnNodes) {
    this.#settled = from.size;
    this.#tops = byLevel(from);
    this.#onNodes = onNodes;
  }

  get size(): number {
    return this.#settled + this.#waits;
  }

  get state(): TreeState {
    this.settle();
    return { size: this.#settled, hashes: this.#tops.filter((top) => top !== undefined).toReversed() };
  }

  /** @param leaf hex */
  append(leaf: string): void {
    this.#waiting.write(leaf, this.#waits * hashBytes, "hex");
    this.#added();
  }

  /** A leaf's 32 bytes, which are copied. */
  appendBytes(bytes: Buffer, at: number): void {
    bytes.copy(this.#waiting, this.#waits * hashBytes, at, at + hashBytes);
    this.#added();
  }

  root(): string {
    this.settle();
    const tops = this.#tops.filter((top) => top !== undefined);
    return tops.length === 0 ? emptyRoot : tops.reduce((right, left) => nodeHash(left, right));
  }

  /** Hashes whatever waits. */
  settle(): void {
    if (this.#waits === 0) return;
    const hashing = hashingHere();
    const { memory, free } = hashing;
    // In front of a row is room for the one that its first is the right-hand neighbour of.
    const row = free + hashBytes;
    this.#waiting.copy(memory, row, 0, this.#waits * hashBytes);
    let [index, count] = [this.#settled, this.#waits];
    for (let level = 0; count > 0; level += 1) {
      this.#onNodes?.(level, index, memory.subarray(row, row + count * hashBytes));
      const hasLeft = index % 2 === 1;
      if (hasLeft) memory.write(this.#tops[level] as string, free, "hex");
      const start = hasLeft ? free : row;
      const nodes = hasLeft ? count + 1 : count;
      this.#tops[level] = nodes % 2 === 1 ? hexAt(memory, start + (nodes - 1) * hashBytes) : undefined;
      count = (nodes - (nodes % 2)) / 2;
      index = Math.floor(index / 2);
      hashing.hashPairs(start, count, row);
    }
    this.#settled += this.#waits;
    this.#waits = 0;
  }

  #added(): void {
    this.#waits += 1;
    if (this.#waits === mostWaiting) this.settle();
  }
}

/** One of each thread: what it holds is nobody's between two calls. */
const hashingHere: () => PairHashing = lazily(() => createPairHashing((mostWaiting + 1) * hashBytes));

function hexAt(memory: Buffer, at: number): string {
  return memory.toString("hex", at, at + hashBytes);
}

function byLevel({ size, hashes }: TreeState): (string | undefined)[] {
  const tops: (string | undefined)[] = [];
  let left = hashes.length;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2))
    tops.push(rest % 2 === 1 ? hashes[(left -= 1)] : undefined);
  return tops;
}

const hashShape = /^[0-9a-f]{64}$/;

/** Reads what a line or a file says; undefined for what is no tree. */
export function readTreeState(value: unknown): TreeState | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { size, hashes } = value as { readonly size?: unknown; readonly hashes?: unknown };
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0 || !Array.isArray(hashes)) return undefined;
  const good = hashes.every((hash) => typeof hash === "string" && hashShape.test(hash));
  return good && hashes.length === ones(size) ? { size, hashes: hashes as readonly string[] } : undefined;
}

/** Number of bits that are one. */
function ones(size: number): number {
  let count = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) count += rest % 2;
  return count;
}

export function sameTree(one: TreeState, other: TreeState): boolean {
  return one.size === other.size && one.hashes.every((hash, at) => hash === other.hashes[at]);
}
