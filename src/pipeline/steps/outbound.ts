import type { StepResult } from "#model/decision.ts";
import { HeaderList } from "#model/header-list.ts";
import { ResponseDraft } from "#model/exchange.ts";
import { chainOf } from "#pipeline/chain-of.ts";
import type { Passage } from "#pipeline/passage.ts";
import { cacheUseOf } from "#policy/http-cache/cache-use.ts";
import { revive } from "#policy/http-cache/revive.ts";
import { runSection } from "#policy/runner.ts";

/**
 * The outbound section. A backend section that forwarded nothing leaves an empty 200, as in API Management. A response of
 * the cache has had what stands before cache-store.
 */
export function outbound({ exchange, linked, handles }: Passage): StepResult {
  exchange.response ??= new ResponseDraft(200, "", new HeaderList(), null, "gateway");
  if (exchange.cache !== null) revive(exchange, handles.clock);
  const chain = chainOf(exchange, linked);
  if (chain === undefined) return undefined;
  const steps = cacheUseOf(exchange)?.served === true ? chain.afterCacheStore : chain.outbound;
  return steps.length === 0 ? undefined : runSection(steps, exchange);
}
