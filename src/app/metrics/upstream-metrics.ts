import type { UpstreamStates } from "#admin/ports.ts";
import type { Collector } from "#model/metrics.ts";

/** How targets are, as the workers see them that answer in time. */
export function upstreamMetrics(states: () => Promise<UpstreamStates>): Collector {
  return async (gauges) => {
    const { upstreams } = await states();
    for (const { backend, targets } of upstreams) {
      for (const { target, active, conditions } of targets) {
        const seeing = Object.values(conditions).reduce((sum, count) => sum + count, 0);
        gauges.set("sallyport_upstream_target_up_ratio", { backend, target }, (conditions.up ?? 0) / seeing);
        gauges.set("sallyport_upstream_target_active_requests", { backend, target }, active);
      }
    }
  };
}
