import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { RequestNews } from "./request-counts.ts";

/** Adds up what the workers tell. */
export function addRequests(registry: MetricRegistry, news: readonly RequestNews[]): void {
  for (const { api, classes, durations, sum, exemplars } of news) {
    for (const [digit, count] of classes.entries()) {
      if (count === 0) continue;
      registry.add("sallyport_requests_total", { api, class: digit === 0 ? "none" : `${digit}xx` }, count);
    }
    if (durations.some((count) => count > 0)) {
      registry.merge("sallyport_request_duration_seconds", { api }, durations, sum, exemplars);
    }
  }
}
