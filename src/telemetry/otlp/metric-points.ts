import type { TakenMetric } from "#model/metrics.ts";
import { attributesOf, nanos } from "./values.ts";

const cumulative = 2;

/** @param since when counting began @param at when it was read; milliseconds since the epoch */
export function metricTree(
  { name, help, type, series }: TakenMetric,
  bounds: readonly number[],
  since: number,
  at: number,
): Readonly<Record<string, unknown>> {
  const times = { startTimeUnixNano: nanos(since), timeUnixNano: nanos(at) };
  const unit = name.includes("_seconds") ? "s" : name.endsWith("_ratio") ? "1" : "";
  const head = { name, description: help, unit };
  if (type === "histogram") {
    const dataPoints = series.map(({ labels, value, buckets = [], exemplars = [] }) => ({
      ...times,
      count: String(buckets.reduce((sum, count) => sum + count, 0)),
      sum: value,
      bucketCounts: buckets.map(String),
      explicitBounds: bounds,
      exemplars: exemplars.map((one) => ({
        timeUnixNano: nanos(one.at),
        asDouble: one.seconds,
        traceId: one.traceId,
      })),
      attributes: attributesOf(labels),
    }));
    return { ...head, histogram: { dataPoints, aggregationTemporality: cumulative } };
  }
  const dataPoints = series.map(({ labels, value }) => ({
    ...times,
    asDouble: value,
    attributes: attributesOf(labels),
  }));
  if (type === "gauge") return { ...head, gauge: { dataPoints } };
  return { ...head, sum: { dataPoints, aggregationTemporality: cumulative, isMonotonic: true } };
}
