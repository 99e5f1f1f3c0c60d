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
  readonly #parts = new Map<string, KnownPart>();

  /** Adds the terms of `part`, members of an object as Latin-1, to those of a block. */
  add(part: string, block: number, terms: Set<number>): void {
    let known = this.#parts.get(part);
    if (known === undefined) {
      if (this.#parts.size >= keptParts) this.#parts.clear();
      known = { terms: read(part), block: -1 };
      this.#parts.set(part, known);
    }
    if (known.block === block) return;
    known.block = block;
    for (const term of known.terms) terms.add(term);
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
