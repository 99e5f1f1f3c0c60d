import type { Collector, Gauges } from "#model/metrics.ts";
import type { AccessStore } from "#storage/access-store.ts";
import type { Async } from "#storage/interfaces.ts";

/** How many wait, and how many are in force. */
export function accessMetrics(store: Pick<Async<AccessStore>, "counts">): Collector {
  return async (gauges: Gauges) => {
    for (const { approval, state, count } of await store.counts()) {
      gauges.set("sallyport_access_requests", { approval, state }, count);
    }
  };
}
