import { hashText, mix32 } from "#lib/hash32.ts";
import type { Candidate } from "./balancer.ts";

/**
 * The candidate with the highest score for this key. A score depends on the key and on that candidate alone, so one
 * that leaves moves only its own keys, and one that comes takes only its share.
 *
 * @see D. Thaler, C. Ravishankar, Using name-based mappings to increase hit rates, 1998; weights: J. Resch, 2015
 */
export function pickByHash(candidates: readonly Candidate[], key: string): number {
  const hash = hashText(key);
  let best = 0;
  let highest = -1;
  for (let at = 0; at < candidates.length; at += 1) {
    const { seed, weight } = candidates[at] as Candidate;
    const score = -weight / Math.log((mix32(hash ^ seed) + 0.5) / 2 ** 32);
    if (score <= highest) continue;
    highest = score;
    best = at;
  }
  return best;
}
