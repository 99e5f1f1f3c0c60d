import type { Collector, Gauges } from "#model/metrics.ts";
import type { AccessStore } from "#storage/access-store.ts";
import type { Async } from "#storage/interfaces.ts";
import type { OutboxStore } from "#storage/outbox-store.ts";

/** How many wait, how many are in force, and what is to be said about them. */
export function accessMetrics(
  store: Pick<Async<AccessStore>, "counts">,
  outbox: Pick<Async<OutboxStore>, "counts">,
): Collector {
  return async (gauges: Gauges) => {
    for (const { approval, state, count } of await store.counts()) {
      gauges.set("sallyport_access_requests", { approval, state }, count);
    }
    for (const { channel, state, count } of await outbox.counts()) {
      gauges.set("sallyport_announcements_waiting", { channel, state }, count);
    }
  };
}
