import { TwoGenerations } from "#lib/two-generations.ts";
import { addPart, type KnownPart, type KnownParts } from "./known-parts.ts";
import type { TermSet } from "./term-set.ts";

/** Of one segment, between windows: what a busy gateway's lines refer to for some minutes. */
const keptLines = 16_384;
const keptBytes = 8 * 1024 * 1024;

/** Gives what the line at an offset says that others share, as JSON; undefined: there is none. */
export type SharedText = (offset: number) => string | undefined;

/**
 * Terms of the lines of one segment that short records refer to: each is read once for many records, and those that say
 * the same, as many do of a worker with many callers, once together.
 */
export class SharedTerms {
  readonly #parts: KnownParts;
  readonly #kept = new TwoGenerations<KnownPart, number>(keptLines, keptBytes);
  /** What this window is known to refer to: nothing of it may be forgotten until its blocks have it. */
  #known = new Map<number, KnownPart>();
  #textAt: SharedText = () => undefined;

  /** @param parts of lines of this and other segments */
  constructor(parts: KnownParts) {
    this.#parts = parts;
  }

  /** Other lines come. @param textAt of what they refer to, unless it {@link knows} that */
  begin(textAt: SharedText): void {
    this.#known = new Map();
    this.#textAt = textAt;
  }

  /** Whether the terms of the line at an offset are known, to this window from now on. */
  knows(offset: number): boolean {
    if (this.#known.has(offset)) return true;
    const kept = this.#kept.get(offset);
    if (kept === undefined) return false;
    this.#known.set(offset, kept);
    return true;
  }

  /** Adds the terms of the line at `offset` to those of a block. */
  add(offset: number, block: number, terms: TermSet): void {
    addPart(this.#known.get(offset) ?? this.#learn(offset), block, terms);
  }

  #learn(offset: number): KnownPart {
    const text = this.#textAt(offset);
    const known = text === undefined ? { terms: [], block: -1 } : this.#parts.of(text);
    this.#known.set(offset, known);
    if (text !== undefined) this.#kept.set(offset, known, bytesOf(known));
    return known;
  }
}

/** About as much as it takes. */
function bytesOf({ terms }: KnownPart): number {
  return 128 + 16 * terms.length;
}
