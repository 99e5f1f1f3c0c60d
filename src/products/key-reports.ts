import { dueAt } from "#model/rotation.ts";
import type { Clock } from "#model/ports.ts";
import type { Async, StaleKey, SubscriptionStore } from "#storage/interfaces.ts";
import { ageLimits, type RotationPlan, rotationOf } from "./rotation-plan.ts";

/** Its owner may want to know of it. */
export type { StaleKey } from "#storage/interfaces.ts";

export interface DueKey extends StaleKey {
  /** By its schedule, in milliseconds since the epoch; null: it has none, and is older than keys become. */
  readonly dueAt: number | null;
}

/** Of keys of active subscriptions. */
export interface KeyReports {
  /** Those that were not used since then; milliseconds since the epoch. */
  readonly unused: (before: number, limit: number) => Promise<readonly StaleKey[]>;
  /** Those that their schedule has noticed; where there is none, those older than `usualMs`. */
  readonly due: (usualMs: number, limit: number) => Promise<readonly DueKey[]>;
}

export function keyReports(
  store: Pick<Async<SubscriptionStore>, "unusedKeys" | "agedKeys">,
  clock: Pick<Clock, "now">,
  plan: () => RotationPlan,
): KeyReports {
  return {
    unused: (before, limit) => store.unusedKeys(before, limit),
    due: async (usualMs, limit) => {
      const inForce = plan();
      const keys = await store.agedKeys(ageLimits(inForce, usualMs, clock.now()), limit);
      return keys.map((key) => {
        const rotation = rotationOf(inForce, key.subscription, key.scope);
        return { ...key, dueAt: rotation === undefined ? null : dueAt(key.madeAt, rotation) };
      });
    },
  };
}
