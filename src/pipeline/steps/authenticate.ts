import { settleUser } from "#identity/known-user.ts";
import type { Outcome, StepResult } from "#model/decision.ts";
import type { Passage } from "#pipeline/passage.ts";

/** Whatever the request carries, before any rule runs: token → principal and user, key → candidate of a subscription. */
export function authenticate(passage: Passage): StepResult {
  const outcome = passage.handles.authenticate(passage.exchange);
  if (outcome instanceof Promise) return outcome.then((late) => late ?? settle(passage));
  return outcome ?? settle(passage);
}

function settle({ exchange, linked, handles }: Passage): Outcome {
  return settleUser(exchange, linked.userRules, handles.knownUsers);
}
