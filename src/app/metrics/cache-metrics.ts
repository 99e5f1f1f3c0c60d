import type { MetricRegistry } from "#admin/metrics/registry.ts";
import type { CacheProblemCounts } from "#upstream/external-cache/problems.ts";

/** Adds up what the external cache has not served the workers. */
export function addCacheProblems(registry: MetricRegistry, problems: CacheProblemCounts): void {
  for (const [problem, count] of Object.entries(problems)) {
    registry.add("sallyport_external_cache_problems_total", { problem }, count);
  }
}
