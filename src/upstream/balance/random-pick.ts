import type { Candidate, RandomFraction } from "./balancer.ts";

/** Any of them, each as likely as its weight says. */
export function pickAtRandom(candidates: readonly Candidate[], random: RandomFraction): number {
  let total = 0;
  for (const { weight } of candidates) total += weight;
  let left = random() * total;
  const last = candidates.length - 1;
  for (let at = 0; at < last; at += 1) {
    left -= (candidates[at] as Candidate).weight;
    if (left < 0) return at;
  }
  return last;
}
