import { setImmediate as turn } from "node:timers/promises";
import type { Metric, TakenSeries } from "#model/metrics.ts";

/** One metric with all that it has to show. */
export interface Family {
  readonly name: string;
  readonly metric: Metric;
  readonly size: number;
  /** `name{labels} value`, without its end. @param open as OpenMetrics has them */
  lines(open: boolean): Iterable<string>;
  /** The same, as data. */
  taken(): readonly TakenSeries[];
}

export interface Format {
  readonly contentType: string;
  /** OpenMetrics calls a counter's family by its name without `_total`, and ends with a mark. */
  readonly open: boolean;
}

export const prometheusText: Format = { contentType: "text/plain; version=0.0.4; charset=utf-8", open: false };
export const openMetricsText: Format = {
  contentType: "application/openmetrics-text; version=1.0.0; charset=utf-8",
  open: true,
};

/**
 * Metrics as text, those without a series left out. Other work has its turn between two of them.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 * @see https://prometheus.io/docs/specs/om/open_metrics_spec/
 */
export async function exposition(all: Iterable<Family>, { open }: Format): Promise<string> {
  let text = "";
  for (const family of all) {
    if (family.size === 0) continue;
    text += familyText(family, open);
    await turn();
  }
  return open ? `${text}# EOF\n` : text;
}

function familyText(shown: Family, open: boolean): string {
  const { name, metric } = shown;
  const { type, help } = metric;
  const family = open ? name.replace(/_total$/, "") : name;
  let text = `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n`;
  for (const line of shown.lines(open)) text += `${line}\n`;
  return text;
}
