import type { LinkedChain } from "#policy/link.ts";
import type { Exchange } from "#model/exchange.ts";
import type { LinkedSnapshot } from "./linked.ts";

/** The policies of an exchange: those of its operation in the context of its product, if it has one. */
export function chainOf({ route, product }: Exchange, { snapshot, chains }: LinkedSnapshot): LinkedChain | undefined {
  if (route === null) return undefined;
  for (const choice of route.chains) {
    const facts = choice.product < 0 ? null : (snapshot.products[choice.product] ?? null);
    if (facts === product) return chains[choice.chain];
  }
  return undefined;
}
