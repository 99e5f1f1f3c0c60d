import { CompactRange, type TreeState } from "./compact-range.ts";
import { type LeafRange, type Subtree, subtreesOf } from "./proof-ranges.ts";
import { nodeHash } from "./tree-hash.ts";

/** Keeps the few nodes of a growing tree that proofs are made of. */
export class NodeStore {
  readonly #tree: CompactRange;
  readonly #wanted: ReadonlySet<string>;
  readonly #found = new Map<string, string>();

  /** @param from what is known of leaves that are gone: their perfect subtrees */
  constructor(ranges: readonly LeafRange[], from: TreeState) {
    this.#wanted = new Set(ranges.flatMap(subtreesOf).map(keyOf));
    this.#tree = new CompactRange(from);
    const whole = subtreesOf({ from: 0, to: from.size });
    for (const [at, subtree] of whole.entries()) this.#keep(subtree.level, subtree.index, from.hashes[at] as string);
  }

  get size(): number {
    return this.#tree.size;
  }

  root(): string {
    return this.#tree.root();
  }

  append(leaf: string): void {
    this.#tree.append(leaf, this.#keep);
  }

  /** Undefined: leaves of it are gone, or not there yet. */
  hashOf(range: LeafRange): string | undefined {
    const hashes = subtreesOf(range).map((subtree) => this.#found.get(keyOf(subtree)));
    if (!hashes.every((hash) => hash !== undefined)) return undefined;
    return hashes.reduceRight((right, left) => nodeHash(left, right));
  }

  readonly #keep = (level: number, index: number, hash: string): void => {
    const key = keyOf({ level, index });
    if (this.#wanted.has(key)) this.#found.set(key, hash);
  };
}

function keyOf({ level, index }: Subtree): string {
  return `${level}:${index}`;
}
