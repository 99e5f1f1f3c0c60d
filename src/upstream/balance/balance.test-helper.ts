import { hashText } from "#lib/hash32.ts";
import type { BalancePolicy } from "#model/balancing.ts";
import type { Exchange } from "#model/exchange.ts";
import { type Balancer, type Candidate, createBalancer, type RandomFraction } from "./balancer.ts";

/** Small, fast, and the same in each run. @see G. Marsaglia, Xorshift RNGs, 2003 */
export function seeded(seed: number): RandomFraction {
  let state = seed | 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export interface TestCandidate extends Candidate {
  readonly name: string;
  active: number;
}

/** Targets a, b, c, … of these weights. */
export function candidates(...weights: readonly number[]): readonly TestCandidate[] {
  return weights.map((weight, order) => {
    const name = String.fromCharCode(97 + order);
    return { name, weight, order, seed: hashText(`http://${name}.internal:80`), active: 0, turn: 0 };
  });
}

export function balancer(policy: BalancePolicy, random: RandomFraction = seeded(1), name = ""): Balancer {
  return createBalancer({ policy, choices: 2, name }, random);
}

/** Names of the chosen ones, in order. */
export function picks(
  balance: Balancer,
  from: readonly TestCandidate[],
  count: number,
  exchangeOf: (nth: number) => Exchange,
): readonly string[] {
  return Array.from({ length: count }, (_, nth) => (from[balance(from, exchangeOf(nth))] as TestCandidate).name);
}

export function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
