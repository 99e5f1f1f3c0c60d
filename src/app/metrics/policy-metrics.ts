import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { EmittedNews } from "./policy-counts.ts";

/** Adds up what the workers' policies have emitted. */
export function addPolicyMetrics(registry: MetricRegistry, { news, dropped }: EmittedNews): void {
  for (const { namespace, metric, dimensions, sum, count } of news) {
    const labels = { namespace, metric, dimensions };
    registry.add("sallyport_policy_metric_total", labels, sum);
    registry.add("sallyport_policy_metric_samples_total", labels, count);
  }
  if (dropped > 0) {
    registry.add("sallyport_metrics_dropped_samples_total", { metric: "sallyport_policy_metric_total" }, dropped);
  }
}
