import type { Candidate, RandomFraction } from "./balancer.ts";

/** The one with the fewest exchanges for its weight; among equals any, or the first would get every lone request. */
export function pickLeastBusy(candidates: readonly Candidate[], random: RandomFraction): number {
  return pickLeastBusyOf(candidates, candidates.length, random);
}

/**
 * The least busy of `choices` drawn ones: nearly as even as looking at all, without a herd that runs to the same one.
 *
 * @see M. Mitzenmacher, The Power of Two Choices in Randomized Load Balancing, 2001
 */
export function pickLeastBusyOf(candidates: readonly Candidate[], choices: number, random: RandomFraction): number {
  let due = Math.min(choices, candidates.length);
  let best = -1;
  let least = Infinity;
  let equals = 0;
  for (let at = 0; due > 0; at += 1) {
    // Drawing without putting back and without a list (Knuth, TAOCP 3.4.2, algorithm S).
    const remaining = candidates.length - at;
    if (due < remaining && random() * remaining >= due) continue;
    due -= 1;
    const busy = busyness(candidates[at] as Candidate);
    if (busy > least) continue;
    equals = busy < least ? 1 : equals + 1;
    least = busy;
    if (equals === 1 || random() * equals < 1) best = at;
  }
  return best;
}

function busyness({ active, weight }: Candidate): number {
  return (active + 1) / weight;
}
