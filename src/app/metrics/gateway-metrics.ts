import type { Collector, Gauges } from "#model/metrics.ts";

export interface GatewayFacts {
  readonly version: string;
  readonly startedAt: number;
  readonly workers: number;
  readonly listening: () => number;
}

/** Of the process as a whole. */
export function gatewayMetrics({ version, startedAt, workers, listening }: GatewayFacts): Collector {
  return (gauges: Gauges) => {
    gauges.set("sallyport_build_info", { version, node_version: process.version }, 1);
    gauges.set("sallyport_start_time_seconds", {}, startedAt / 1000);
    gauges.set("sallyport_workers", {}, workers);
    gauges.set("sallyport_workers_listening", {}, listening());
  };
}
