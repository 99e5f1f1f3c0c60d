import { resolveSubscription } from "#identity/subscription.ts";
import type { Outcome } from "#model/decision.ts";
import type { Deciding } from "#pipeline/passage.ts";

/** Under which subscription, and so in which product, the request is made. */
export function subscribe({ exchange, linked }: Deciding): Outcome {
  return resolveSubscription(exchange, linked.snapshot.products, linked.members, linked.challenge);
}
