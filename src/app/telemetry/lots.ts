import type { TakenMetric } from "#model/metrics.ts";

/** Series of one request, so that none is larger than receivers take. */
const most = 2000;

/** All metrics, in lots of a bounded number of series. */
export function lotsOf(metrics: readonly TakenMetric[]): readonly (readonly TakenMetric[])[] {
  const lots: TakenMetric[][] = [];
  let room = 0;
  for (const metric of metrics) {
    for (let at = 0; at < metric.series.length;) {
      if (room === 0) {
        lots.push([]);
        room = most;
      }
      const series = metric.series.slice(at, at + room);
      lots.at(-1)?.push({ ...metric, series });
      at += series.length;
      room -= series.length;
    }
  }
  return lots;
}
