import type { StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { GrantsInForce } from "#threads/grants-in-force.ts";

/** Whoever has been authenticated gets the approvals that are in force for it. */
export function withApprovals(
  authenticate: (exchange: Exchange) => StepResult,
  grants: GrantsInForce,
): (exchange: Exchange) => StepResult {
  return (exchange) => {
    const outcome = authenticate(exchange);
    if (outcome instanceof Promise) {
      return outcome.then((late) => {
        exchange.principal = grants.of(exchange.principal);
        return late;
      });
    }
    exchange.principal = grants.of(exchange.principal);
    return outcome;
  };
}
