import { type Outcome, refuse } from "#model/decision.ts";
import type { Passage } from "#pipeline/passage.ts";

/** An API that was not made for being asked about may need what is not seen on this way: the body, the response. */
export function offered({ exchange }: Passage): Outcome {
  if (exchange.route?.forwardAuth === true) return undefined;
  return refuse("forward-auth-not-offered", { detail: `the API ${exchange.api?.name ?? ""} lacks forwardAuth: true` });
}
