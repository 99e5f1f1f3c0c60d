import { mix32 } from "#lib/hash32.ts";
import type { TermSet } from "./term-set.ts";

/** Ten bits a term and seven probes: one block in a hundred is looked into in vain. */
const bitsPerTerm = 10;
const probes = 7;

/**
 * A filter that says of terms that were never put in "no" nearly always, and of those that were "maybe". A term is its
 * hash (`hashText`): whoever chooses terms that collide has a block more read, and nothing is missed.
 *
 * @see https://doi.org/10.1007/11841036_42 two hashes stand for all
 */
export function buildFilter(terms: TermSet): Uint8Array {
  const filter = new Uint8Array(Math.max(1, Math.ceil((terms.size * bitsPerTerm) / 8)));
  terms.each((term) => put(filter, term));
  return filter;
}

export function mayHold(filter: Uint8Array, term: number): boolean {
  const bits = filter.length * 8;
  const step = stepOf(term);
  for (let probe = 0, at = term; probe < probes; probe += 1, at = (at + step) >>> 0) {
    const bit = at % bits;
    if (((filter[bit >> 3] as number) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

function put(filter: Uint8Array, term: number): void {
  const bits = filter.length * 8;
  const step = stepOf(term);
  for (let probe = 0, at = term; probe < probes; probe += 1, at = (at + step) >>> 0) {
    const bit = at % bits;
    filter[bit >> 3] = (filter[bit >> 3] as number) | (1 << (bit & 7));
  }
}

function stepOf(term: number): number {
  return mix32(term ^ 0x9e3779b9) | 1;
}
