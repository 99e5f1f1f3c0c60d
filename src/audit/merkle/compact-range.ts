import { emptyRoot, nodeHash } from "./tree-hash.ts";

/** What is needed of a tree to let it grow: the roots of its perfect subtrees, largest and leftmost first. */
export interface TreeState {
  /** Leaves. */
  readonly size: number;
  /** As many as `size` has bits that are one. */
  readonly hashes: readonly string[];
}

export const emptyTree: TreeState = { size: 0, hashes: [] };

/** Told of each perfect subtree that becomes whole: `index` counts those of its level from the left. */
export type OnNode = (level: number, index: number, hash: string) => void;

/**
 * A Merkle tree that only grows, in as many hashes as its size has bits. A leaf costs one hash on average, whatever
 * the size.
 *
 * @see RFC 6962 §2.1
 */
export class CompactRange {
  #size: number;
  readonly #hashes: string[];

  constructor(from: TreeState = emptyTree) {
    this.#size = from.size;
    this.#hashes = [...from.hashes];
  }

  get size(): number {
    return this.#size;
  }

  get state(): TreeState {
    return { size: this.#size, hashes: [...this.#hashes] };
  }

  append(leaf: string, onNode?: OnNode): void {
    let top = leaf;
    let level = 0;
    let index = this.#size;
    onNode?.(level, index, top);
    for (; index % 2 === 1; index = (index - 1) / 2) {
      top = nodeHash(this.#hashes.pop() as string, top);
      level += 1;
      onNode?.(level, (index - 1) / 2, top);
    }
    this.#hashes.push(top);
    this.#size += 1;
  }

  root(): string {
    return this.#hashes.length === 0 ? emptyRoot : this.#hashes.reduceRight((right, left) => nodeHash(left, right));
  }
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
