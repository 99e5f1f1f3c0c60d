import type { TermSet } from "./term-set.ts";
import { termsOf } from "./terms.ts";

const keptParts = 8192;

export interface KnownPart {
  readonly terms: readonly number[];
  /** The block that has them already. */
  block: number;
}

/**
 * Terms of parts of lines. The same callers come again and again, so a part is read once for many lines: reading each
 * line as JSON would cost more than writing it.
 */
export class KnownParts {
  readonly #read: (part: string) => readonly number[];
  #parts = new Map<string, KnownPart>();
  /** What was in use before: parts that are used again come back from it, all others go with it. */
  #older = new Map<string, KnownPart>();

  /** @param read gives the terms of a part */
  constructor(read: (part: string) => readonly number[]) {
    this.#read = read;
  }

  of(part: string): KnownPart {
    return this.#parts.get(part) ?? this.#keep(part);
  }

  #keep(part: string): KnownPart {
    if (this.#parts.size >= keptParts) {
      this.#older = this.#parts;
      this.#parts = new Map();
    }
    const known = this.#older.get(part) ?? { terms: this.#read(part), block: -1 };
    this.#parts.set(part, known);
    return known;
  }
}

/** Adds the terms of a part to those of a block, unless that has them already. */
export function addPart(part: KnownPart, block: number, terms: TermSet): void {
  if (part.block === block) return;
  part.block = block;
  for (let at = 0; at < part.terms.length; at += 1) terms.add(part.terms[at] as number);
}

/** Of members of a line, as Latin-1. Of a part that is not as it was written there are none: `audit verify` says so. */
export function termsOfMembers(part: string): readonly number[] {
  return termsOfJson(`{${Buffer.from(part, "latin1").toString("utf8")}}`);
}

export function termsOfJson(text: string): readonly number[] {
  try {
    return termsOf(JSON.parse(text) as Readonly<Record<string, unknown>>);
  } catch {
    return [];
  }
}
