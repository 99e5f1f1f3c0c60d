import type { Balancer, Candidate } from "./balancer.ts";

/** One after the other in the order of the definition, whatever their weights; those that are missing are passed over. */
export function pickInTurn(): Balancer {
  let last = -1;
  return (candidates) => {
    let at = candidates.findIndex(({ order }) => order > last);
    if (at < 0) at = 0;
    last = (candidates[at] as Candidate).order;
    return at;
  };
}

/**
 * By weight, and spread out: 5, 1, 1 gives a a b a c a a, never a a a a a b c.
 *
 * @see https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1
 */
export function pickSmoothly(candidates: readonly Candidate[]): number {
  let total = 0;
  let best = 0;
  for (let at = 0; at < candidates.length; at += 1) {
    const candidate = candidates[at] as Candidate;
    candidate.turn += candidate.weight;
    total += candidate.weight;
    if (candidate.turn > (candidates[best] as Candidate).turn) best = at;
  }
  (candidates[best] as Candidate).turn -= total;
  return best;
}
