import { bounded, commonOf, type Envelope, headOf, roleTags, type TellerFacts } from "./envelopes.ts";
import type { LoggedMetric } from "./metric-counts.ts";

/** Of a point that stands for several. */
const aggregation = 1;
const longestName = 256;

/** A custom metric, with its dimensions as properties. */
export function metricEnvelope(one: LoggedMetric, key: string, facts: TellerFacts): Envelope {
  const { namespace, metric, dimensions, sum, count, min, max, at } = one;
  const name = metric.slice(0, longestName);
  const point = { ns: namespace.slice(0, longestName), name, kind: aggregation, value: sum, count, min, max };
  const properties = bounded({ ...commonOf(facts), ...dimensionsOf(dimensions) });
  return {
    ...headOf(key, "Metric", at),
    tags: roleTags(facts),
    data: { baseType: "MetricData", baseData: { ver: 2, metrics: [point], properties } },
  };
}

function dimensionsOf(text: string): Record<string, string> {
  if (text === "") return {};
  return Object.fromEntries(
    text.split(",").map((dimension) => {
      const at = dimension.indexOf("=");
      return [dimension.slice(0, at), dimension.slice(at + 1)];
    }),
  );
}
