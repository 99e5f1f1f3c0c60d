import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { InsightsMetrics } from "./metric-counts.ts";

const exchangeOf = (diagnostic: object | null): Exchange => ({ diagnostic }) as unknown as Exchange;
const told = exchangeOf({ logger: "a", metrics: true });

describe("metrics for Application Insights", () => {
  it("are those of exchanges whose diagnostic wants them, added up by series", () => {
    const besides: number[] = [];
    const counts = new InsightsMetrics({ emit: (_namespace, _metric, _dimensions, value) => void besides.push(value) });
    for (const [value, dimensions] of [
      [3, "x=1"],
      [1, "x=1"],
      [7, "x=2"],
      [5, "x=1"],
    ] as const) {
      counts.emit("ns", "m", dimensions, value, told);
    }
    counts.emit("ns", "m", "x=1", 10, exchangeOf(null));
    counts.emit("ns", "m", "x=1", 20, exchangeOf({ logger: "a", metrics: false }));
    counts.emit("ns", "m", "x=1", 2, exchangeOf({ logger: "b", metrics: true }));
    const series = (logger: string, dimensions: string, sum: number, count: number, min: number, max: number) => {
      return { logger, namespace: "ns", metric: "m", dimensions, sum, count, min, max, at: 9 };
    };
    assert.deepEqual(counts.take(9), {
      metrics: [series("a", "x=1", 9, 3, 1, 5), series("a", "x=2", 7, 1, 7, 7), series("b", "x=1", 2, 1, 2, 2)],
      dropped: 0,
    });
    assert.deepEqual(counts.take(10), { metrics: [], dropped: 0 });
    assert.deepEqual(besides, [3, 1, 7, 5, 10, 20, 2]);
  });

  it("are bounded in series: clients may choose them", () => {
    const counts = new InsightsMetrics({ emit: () => {} });
    for (let series = 0; series < 1500; series += 1) counts.emit("ns", "m", `x=${series}`, 1, told);
    const { metrics, dropped } = counts.take(0);
    assert.deepEqual([metrics.length, dropped, counts.take(0).dropped], [1000, 500, 0]);
  });
});
