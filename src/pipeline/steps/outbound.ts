import type { StepResult } from "#model/decision.ts";
import { HeaderList } from "#model/header-list.ts";
import { ResponseDraft } from "#model/exchange.ts";
import { chainOf } from "#pipeline/chain-of.ts";
import type { Flow } from "#pipeline/flow.ts";
import { runSection } from "#policy/runner.ts";

/** The outbound section. A backend section that forwarded nothing leaves an empty 200, as in API Management. */
export function outbound({ exchange, linked }: Flow): StepResult {
  exchange.response ??= new ResponseDraft(200, "", new HeaderList(), null, "gateway");
  const chain = chainOf(exchange, linked);
  return chain === undefined || chain.outbound.length === 0 ? undefined : runSection(chain.outbound, exchange);
}
