import { metrics } from "#model/metrics.ts";

/** docs/reference/metrics.md: the closed list of metrics. */
export function metricReference(): string {
  const rows = Object.entries(metrics).map(([name, { type, help, labels, most }]) => {
    return `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(" ")} | ${most} | ${help} |`;
  });
  return [
    "# Metrics",
    "",
    "Generated from `src/model/metrics.ts` (`npm run schema`). What `GET /metrics` of the admin API shows ([how](../howto/metrics.md)). Names and labels are never renamed. A metric has at most as many series as the table says.",
    "",
    "| metric | type | labels | series | what it says |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}
