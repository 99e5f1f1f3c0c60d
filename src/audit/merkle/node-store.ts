import type { Buffer } from "node:buffer";
import { CompactRange, type TreeState } from "./compact-range.ts";
import { hashBytes } from "./pair-hashing.ts";
import { type LeafRange, type Subtree, subtreesOf } from "./proof-ranges.ts";
import { nodeHash } from "./tree-hash.ts";

/** Keeps the few nodes of a growing tree that proofs are made of. */
export class NodeStore {
  readonly #tree: CompactRange;
  readonly #wanted: readonly Subtree[];
  readonly #found = new Map<string, string>();

  /** @param from what is known of leaves that are gone: their perfect subtrees */
  constructor(ranges: readonly LeafRange[], from: TreeState) {
    this.#wanted = ranges.flatMap(subtreesOf);
    this.#tree = new CompactRange(from, this.#keep);
    for (const [at, subtree] of subtreesOf({ from: 0, to: from.size }).entries()) {
      this.#found.set(keyOf(subtree), from.hashes[at] as string);
    }
  }

  get size(): number {
    return this.#tree.size;
  }

  root(): string {
    return this.#tree.root();
  }

  append(leaf: string): void {
    this.#tree.append(leaf);
  }

  /** Undefined: leaves of it are gone, or not there yet. */
  hashOf(range: LeafRange): string | undefined {
    this.#tree.settle();
    const hashes = subtreesOf(range).map((subtree) => this.#found.get(keyOf(subtree)));
    if (!hashes.every((hash) => hash !== undefined)) return undefined;
    return hashes.reduceRight((right, left) => nodeHash(left, right));
  }

  readonly #keep = (level: number, index: number, hashes: Buffer): void => {
    for (const wanted of this.#wanted) {
      const at = (wanted.index - index) * hashBytes;
      if (wanted.level !== level || at < 0 || at >= hashes.length) continue;
      this.#found.set(keyOf(wanted), hashes.toString("hex", at, at + hashBytes));
    }
  };
}

function keyOf({ level, index }: Subtree): string {
  return `${level}:${index}`;
}
