import type { Balance } from "#model/balancing.ts";
import type { Exchange } from "#model/exchange.ts";
import { hashKeyOf } from "./hash-key.ts";
import { pickInTurn, pickSmoothly } from "./in-turn.ts";
import { pickLeastBusy, pickLeastBusyOf } from "./least-busy.ts";
import { pickAtRandom } from "./random-pick.ts";
import { pickByHash } from "./rendezvous.ts";

/** A target, as far as the choice among several looks at it. */
export interface Candidate {
  /** Share as of now, above 0: what the definition says, less while the target starts slowly. */
  readonly weight: number;
  /** Exchanges of this worker under way. */
  readonly active: number;
  /** Place among all targets of the backend. */
  readonly order: number;
  /** 32 bits from its address. */
  readonly seed: number;
  /** Of the smooth weighted turn; nobody else writes it. */
  turn: number;
}

/** 0 up to, but not including, 1. Need not be hard to guess. */
export type RandomFraction = () => number;

/**
 * Chooses among two or more targets, all of them available.
 *
 * @returns the index of one in `candidates`, which is only lent
 */
export type Balancer = (candidates: readonly Candidate[], exchange: Exchange) => number;

/** State (whose turn it is) belongs to the balancer: one a backend and worker. */
export function createBalancer({ policy, choices, name }: Balance, random: RandomFraction): Balancer {
  switch (policy) {
    case "round-robin":
      return pickInTurn();
    case "weighted-round-robin":
      return pickSmoothly;
    case "random":
      return (candidates) => pickAtRandom(candidates, random);
    case "random-choose":
      return (candidates) => pickLeastBusyOf(candidates, choices, random);
    case "least-conn":
      return (candidates) => pickLeastBusy(candidates, random);
    case "first":
      return () => 0;
    default: {
      const keyOf = hashKeyOf(policy, name);
      return (candidates, exchange) => {
        const key = keyOf(exchange);
        // Clients without the key would otherwise all meet at one target.
        return key === undefined ? pickAtRandom(candidates, random) : pickByHash(candidates, key);
      };
    }
  }
}
