import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { durationBuckets, metrics } from "#model/metrics.ts";
import { chooseFormat } from "./choose-format.ts";
import { openMetricsText, prometheusText } from "./exposition.ts";
import { MetricRegistry } from "./registry.ts";

const failures = "sallyport_certificate_renewal_failures_total";

describe("the table of metrics", () => {
  for (const [name, { type, help, labels, most }] of Object.entries(metrics)) {
    it(`${name} follows the conventions`, () => {
      assert.match(name, /^sallyport_[a-z]+(_[a-z]+)*$/);
      assert.equal(name.endsWith("_total"), type === "counter");
      assert.match(help, /^[A-Z0-9][^"\\\n]+\.?$/);
      for (const label of labels) assert.match(label, /^[a-z]+(_[a-z]+)*$/);
      assert.ok(most >= 1 && most <= 10_000);
    });
  }
});

describe("the registry", () => {
  it("counts by labels, and shows a counter from its first mention on", async () => {
    const registry = new MetricRegistry();
    registry.add("sallyport_worker_restarts_total", {}, 0);
    registry.add(failures, { name: "a.example", issuer: "le" });
    registry.add(failures, { name: "a.example", issuer: "le" });
    const text = await registry.text(prometheusText);
    assert.match(text, /^# TYPE sallyport_worker_restarts_total counter\nsallyport_worker_restarts_total 0$/m);
    assert.match(text, /^sallyport_certificate_renewal_failures_total\{name="a\.example",issuer="le"\} 2$/m);
  });

  it("asks for gauges each time, so that what is gone is not shown", async () => {
    const registry = new MetricRegistry();
    const names = ["a.example", "b.example"];
    registry.collect((gauges) => {
      for (const name of names) gauges.set("sallyport_certificate_state", { name, state: "valid" }, 1);
    });
    assert.equal((await registry.text(prometheusText)).match(/^sallyport_certificate_state/gm)?.length, 2);
    names.pop();
    assert.equal((await registry.text(prometheusText)).match(/^sallyport_certificate_state/gm)?.length, 1);
  });

  it("lets no value of a label out of its quotes or its line", async () => {
    const registry = new MetricRegistry();
    registry.add(failures, { name: 'a"} 1\nevil_total 7\\', issuer: "\ud800" });
    const lines = (await registry.text(prometheusText)).split("\n").filter((line) => !line.startsWith("#"));
    assert.deepEqual(lines, [`${failures}{name="a\\"} 1\\nevil_total 7\\\\",issuer="\ufffd"} 1`, ""]);
  });

  it("has no more series than a metric may, goes on with those it has, and counts what it left out", async () => {
    const registry = new MetricRegistry();
    const { most } = metrics[failures];
    for (let n = 0; n < most + 5; n += 1) registry.add(failures, { name: `n${n}.example`, issuer: "le" });
    registry.add(failures, { name: "n0.example", issuer: "le" });
    const text = await registry.text(prometheusText);
    assert.equal(text.match(/^sallyport_certificate_renewal_failures_total\{/gm)?.length, most);
    assert.match(text, /\{name="n0\.example",issuer="le"\} 2$/m);
    assert.match(
      text,
      /^sallyport_metrics_dropped_samples_total\{metric="sallyport_certificate_renewal_failures_total"\} 5$/m,
    );
  });

  it("shows no value where there is none", async () => {
    const registry = new MetricRegistry();
    registry.collect((gauges) => gauges.set("sallyport_start_time_seconds", {}, Number.NaN));
    assert.equal(await registry.text(prometheusText), "");
  });

  it("adds histograms up, bucket by bucket, and shows them cumulative", async () => {
    const registry = new MetricRegistry();
    const counts = (at: number): number[] => [...durationBuckets.map(() => 0), 0].with(at, 2);
    registry.merge("sallyport_request_duration_seconds", { api: "a" }, counts(0), 0.5);
    registry.merge("sallyport_request_duration_seconds", { api: "a" }, counts(8), 2);
    registry.merge("sallyport_request_duration_seconds", { api: "a" }, counts(12), 60);
    const lines = (await registry.text(openMetricsText)).split("\n");
    for (const line of [
      'sallyport_request_duration_seconds_bucket{api="a",le="0.001"} 2',
      'sallyport_request_duration_seconds_bucket{api="a",le="1.0"} 4',
      'sallyport_request_duration_seconds_bucket{api="a",le="10.0"} 4',
      'sallyport_request_duration_seconds_bucket{api="a",le="+Inf"} 6',
      'sallyport_request_duration_seconds_sum{api="a"} 62.5',
      'sallyport_request_duration_seconds_count{api="a"} 6',
    ]) {
      assert.ok(lines.includes(line), line);
    }
  });

  it("as OpenMetrics, names a counter's family without its ending, and ends with a mark", async () => {
    const registry = new MetricRegistry();
    registry.add("sallyport_worker_restarts_total", {});
    assert.equal(
      await registry.text(openMetricsText),
      "# HELP sallyport_worker_restarts Workers that ended and were replaced.\n# TYPE sallyport_worker_restarts counter\nsallyport_worker_restarts_total 1\n# EOF\n",
    );
  });
});

describe("the format", () => {
  const prometheus =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
  for (const [accept, format] of [
    ["", prometheusText],
    ["*/*", prometheusText],
    ["text/plain", prometheusText],
    [prometheus, openMetricsText],
    ["application/openmetrics-text", openMetricsText],
    ['application/openmetrics-text; version="1.0.0"', openMetricsText],
    ["application/openmetrics-text;version=0.0.1", prometheusText],
    ["application/openmetrics-text;version=2.0.0", prometheusText],
    ["application/openmetrics-text;q=0", prometheusText],
    ["application/openmetrics-text;q=0.2, text/plain;q=0.9", prometheusText],
    ["application/openmetrics-text;q=nonsense", prometheusText],
  ] as const) {
    it(`for Accept "${accept.slice(0, 60)}" is ${format.contentType.split(";")[0]}`, () => {
      assert.equal(chooseFormat(accept), format);
    });
  }
});
