import type { Metric } from "#model/metrics.ts";

/** `name="value",…`, in the order of the table; empty when there are none. */
export function labelsText({ labels }: Metric, values: Readonly<Record<string, string>>): string {
  return labels.map((label) => `${label}="${escaped(values[label] ?? "")}"`).join(",");
}

const longestValue = 256;

/** A value must end neither its quotes nor its line. */
function escaped(value: string): string {
  return value
    .slice(0, longestValue)
    .toWellFormed()
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n");
}
