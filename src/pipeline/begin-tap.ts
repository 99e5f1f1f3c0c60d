import type { Outcome } from "#model/decision.ts";
import type { Deciding, Passage } from "./passage.ts";

/** The row `route` of requests that are answered here: from then on it is known what diagnostics want of them. */
export function beginTap(route: (deciding: Deciding) => Outcome): (passage: Passage) => Outcome {
  return (passage) => {
    const outcome = route(passage);
    const { diagnosing } = passage.linked;
    if (diagnosing !== null) diagnosing.begin(passage.exchange);
    return outcome;
  };
}
