import type { TermSet } from "./term-set.ts";
import { termsOf } from "./terms.ts";

const keptParts = 8192;

interface KnownPart {
  readonly terms: readonly number[];
  /** The block that has them already. */
  block: number;
}

/**
 * Terms of parts of lines. The same callers come again and again, so a part is read once for many lines: reading each
 * line as JSON would cost more than writing it.
 */
export class KnownParts {
  #parts = new Map<string, KnownPart>();
  /** What was in use before: parts that are used again come back from it, all others go with it. */
  #older = new Map<string, KnownPart>();

  /** Adds the terms of `part`, members of an object as Latin-1, to those of a block. */
  add(part: string, block: number, terms: TermSet): void {
    const known = this.#parts.get(part) ?? this.#keep(part);
    if (known.block === block) return;
    known.block = block;
    for (let at = 0; at < known.terms.length; at += 1) terms.add(known.terms[at] as number);
  }

  #keep(part: string): KnownPart {
    if (this.#parts.size >= keptParts) {
      this.#older = this.#parts;
      this.#parts = new Map();
    }
    const known = this.#older.get(part) ?? { terms: read(part), block: -1 };
    this.#parts.set(part, known);
    return known;
  }
}

/** Of a part that is not as it was written there are none: `audit verify` says so. */
function read(part: string): readonly number[] {
  try {
    const text = Buffer.from(part, "latin1").toString("utf8");
    return termsOf(JSON.parse(`{${text}}`) as Readonly<Record<string, unknown>>);
  } catch {
    return [];
  }
}
