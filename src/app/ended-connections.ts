import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { EndedConnections } from "#model/connection-ends.ts";
import type { EventRecorder } from "#model/ports.ts";

/** What workers tell of connections that ended before a request: an event a kind, and the counts. */
export function endedConnections(
  events: Pick<EventRecorder, "tell">,
  metrics: Pick<MetricRegistry, "add">,
): (ended: readonly EndedConnections[]) => void {
  return (ended) => {
    for (const { reason, count } of ended) metrics.add("sallyport_connections_ended_total", { reason }, count);
    events.tell(...ended.map((one) => ({ event: "connections.ended", details: { ...one } }) as const));
  };
}
