import type { Members } from "#audit/shared/expand-record.ts";
import type { TermSet } from "./term-set.ts";
import { termsOf } from "./terms.ts";

interface KnownTerms {
  readonly terms: readonly number[];
  /** The block that has them already. */
  block: number;
}

/** Terms of the lines of one segment that short records refer to: each is read once for many records. */
export class SharedTerms {
  readonly #membersAt: (offset: number) => Members | undefined;
  readonly #known = new Map<number, KnownTerms>();

  constructor(membersAt: (offset: number) => Members | undefined) {
    this.#membersAt = membersAt;
  }

  /** Adds the terms of the line at `offset` to those of a block. */
  add(offset: number, block: number, terms: TermSet): void {
    let known = this.#known.get(offset);
    if (known === undefined) {
      known = { terms: termsOf(this.#membersAt(offset) ?? {}), block: -1 };
      this.#known.set(offset, known);
    }
    if (known.block === block) return;
    known.block = block;
    for (let at = 0; at < known.terms.length; at += 1) terms.add(known.terms[at] as number);
  }
}
