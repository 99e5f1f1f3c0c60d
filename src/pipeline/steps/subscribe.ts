import { resolveSubscription } from "#identity/subscription.ts";
import type { Outcome } from "#model/decision.ts";
import type { Flow } from "#pipeline/flow.ts";

/** Under which subscription, and so in which product, the request is made. */
export function subscribe({ exchange, linked }: Flow): Outcome {
  return resolveSubscription(exchange, linked.snapshot.products);
}
