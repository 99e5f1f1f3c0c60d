import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "#test/support/otlp-receiver.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const token = "receiver-secret-4711";

const definition = (upstream: string, receiver: string, settings: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
deployment: { serviceName: shop-gateway }
telemetry:
  otlp:
    endpoint: "${receiver}"
    headers: { X-Api-Key: { env: OTLP_KEY } }
    resource: { service.namespace: shop }
    ${settings}
apis:
  orders: { path: /orders, access: public, backend: echo, operations: { read: { method: GET, path: "/{id}" } } }
  closed: { path: /closed, access: [{ allow: '"x" in principal.groups' }], backend: echo }
  gone: { path: /gone, access: public, backend: gone }
  flaky: { path: /flaky, access: public, backend: flaky }
backends:
  flaky: { url: "${upstream}/flaky", retries: { count: 2, on: [5xx] } }
  echo: { url: "${upstream}" }
  gone: { url: "http://127.0.0.1:1" }
`;

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parent = `00-${traceId}-00f067aa0ba902b7-01`;

describe("OpenTelemetry", () => {
  let upstream: TestUpstream;
  let receiver: OtlpReceiver;
  let gateway: TestGateway;

  before(async () => {
    let failures = 0;
    upstream = await startUpstream((request, response) => {
      const isFailing = request.url?.startsWith("/flaky") === true && (failures += 1) % 3 !== 0;
      response.writeHead(isFailing ? 503 : 200).end("{}");
    });
    receiver = await startOtlpReceiver();
    gateway = await startTestGateway({
      definition: definition(upstream.url, receiver.url, "ratio: 1\n    interval: 1s"),
      args: ["--workers", "1"],
      env: { OTLP_KEY: token },
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await receiver?.close();
  });

  const ask = (path: string, headers: Record<string, string> = {}): ReturnType<typeof call> =>
    call(gateway, path, { fresh: true, headers });
  const use = async (settings: string): Promise<void> => {
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(upstream.url, receiver.url, settings));
    assert.equal((await askAdmin(gateway, "POST /reload")).status, 200);
  };

  /** The spans of a request, once they have come: the whole first. */
  async function spansOf(requestId: unknown): Promise<readonly ReceivedSpan[]> {
    for (let tries = 0; tries < 100; tries += 1) {
      const whole = receiver.spans.find(({ attributes }) => attributes["sallyport.request.id"] === requestId);
      if (whole !== undefined) return [whole, ...receiver.spans.filter((one) => one.parentSpanId === whole.spanId)];
      await sleep(50);
    }
    throw new Error(`no span of ${String(requestId)} among ${receiver.spans.length}`);
  }

  it("has one span of the whole and one for each hand-over, in order and within it", async () => {
    const { headers } = await ask("/orders/7?secret=1", { traceparent: parent, tracestate: "a=1,b=2", baggage: "k=v" });
    const [whole, ...steps] = await spansOf(headers["x-request-id"]);
    assert.ok(whole !== undefined);
    assert.deepEqual(
      [whole.name, whole.kind, whole.traceId, whole.parentSpanId],
      ["GET /orders/{id}", 2, traceId, "00f067aa0ba902b7"],
    );
    assert.equal(whole.traceState, "a=1,b=2");
    const { attributes } = whole;
    assert.deepEqual(
      [
        "http.request.method",
        "url.scheme",
        "url.path",
        "http.route",
        "http.response.status_code",
        "sallyport.api",
        "sallyport.decision",
      ].map((name) => attributes[name]),
      ["GET", "https", "/orders/7", "/orders/{id}", 200, "orders", "allow"],
    );
    assert.equal(whole.status, 0);
    assert.deepEqual(
      steps.map(({ name, kind }) => [name, kind]),
      [
        ["edge route", 1],
        ["policy preflight", 1],
        ["identity authenticate", 1],
        ["identity subscribe", 1],
        ["policy access", 1],
        ["policy inbound", 1],
        ["GET", 3],
        ["outbound outbound", 1],
      ],
    );
    let at = BigInt(whole.startTimeUnixNano);
    for (const { startTimeUnixNano, endTimeUnixNano, traceId: own } of steps) {
      assert.ok(BigInt(startTimeUnixNano) >= at && BigInt(endTimeUnixNano) >= BigInt(startTimeUnixNano));
      assert.equal(own, traceId);
      at = BigInt(endTimeUnixNano);
    }
    assert.ok(at <= BigInt(whole.endTimeUnixNano) + 2_000_000n);
    const forward = steps.find(({ kind }) => kind === 3);
    assert.equal(forward?.attributes["url.full"], `${upstream.url}/7`);
    assert.equal(forward?.attributes["http.response.status_code"], 200);
    assert.ok(!JSON.stringify(receiver.spans).includes("secret=1"));
  });

  it("tells the upstream that our call is its parent, and hands state and baggage on", async () => {
    const { headers } = await ask("/orders/8", {
      traceparent: parent,
      tracestate: "a=1, b=2",
      baggage: "user=7;p",
    });
    const [, ...steps] = await spansOf(headers["x-request-id"]);
    const forward = steps.find(({ kind }) => kind === 3);
    const seen = upstream.seen.at(-1)?.headers ?? {};
    assert.equal(seen["traceparent"], `00-${traceId}-${forward?.spanId}-01`);
    assert.deepEqual([seen["tracestate"], seen["baggage"]], ["a=1,b=2", "user=7;p"]);
  });

  it("has a span for each attempt, whose id the upstream was told", async () => {
    const { status, headers } = await ask("/flaky/x", { traceparent: parent });
    assert.equal(status, 200);
    const [, ...steps] = await spansOf(headers["x-request-id"]);
    const forward = steps.find(({ name }) => name === "upstream forward");
    const attempts = receiver.spans.filter(({ parentSpanId }) => parentSpanId === forward?.spanId);
    const told = upstream.seen.filter(({ url }) => url === "/flaky/x").map(({ headers: seen }) => seen["traceparent"]);
    assert.deepEqual(
      attempts.map(({ spanId }) => `00-${traceId}-${spanId}-01`),
      told,
    );
    assert.deepEqual([attempts.length, new Set(told).size], [3, 3]);
    assert.deepEqual(
      attempts.map(({ kind, status: failed, attributes }) => [kind, failed, attributes["http.request.resend_count"]]),
      [
        [3, 2, undefined],
        [3, 2, 1],
        [3, 0, 2],
      ],
    );
  });

  it("begins a trace where there is none, or only nonsense, and writes it into the record", async () => {
    const nonsense = ["00-0-0-01", parent.replace("00-", "ff-"), `00-${"0".repeat(32)}-00f067aa0ba902b7-01`];
    const one = async (sent: Record<string, string>, at: number): Promise<void> => {
      const { headers } = await ask(`/orders/new-${at}`, sent);
      const [whole] = await spansOf(headers["x-request-id"]);
      const seen = upstream.seen.find(({ url }) => url === `/new-${at}`)?.headers ?? {};
      assert.match(whole?.traceId ?? "", /^[0-9a-f]{32}$/);
      assert.deepEqual([whole?.parentSpanId, whole?.traceState, seen["tracestate"]], ["", "", undefined]);
      assert.notEqual(whole?.traceId, traceId);
      assert.ok(String(seen["traceparent"]).startsWith(`00-${whole?.traceId}-`));
      await untilRecorded(`"traceparent":"00-${whole?.traceId}-${whole?.spanId}-01"`);
    };
    await Promise.all([{}, ...nonsense.map((traceparent) => ({ traceparent, tracestate: "a=1" }))].map(one));
  });

  async function untilRecorded(text: string): Promise<void> {
    const folder = join(gateway.data, "audit");
    for (let tries = 0; tries < 60; tries += 1) {
      const all = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
      if (all.some((name) => readFileSync(join(folder, name), "utf8").includes(text))) return;
      await sleep(50);
    }
    assert.fail(`no record has ${text}`);
  }

  it("says what went wrong, and where", async () => {
    const refused = await ask("/closed/x");
    const [whole, ...steps] = await spansOf(refused.headers["x-request-id"]);
    assert.deepEqual([whole?.attributes["sallyport.decision"], whole?.status], ["deny", 0]);
    assert.equal(steps.at(-1)?.attributes["sallyport.outcome"], "refused");
    assert.equal(steps.at(-1)?.attributes["sallyport.reason"], whole?.attributes["sallyport.reason"]);
    const failed = await ask("/gone/x");
    const [gone] = await spansOf(failed.headers["x-request-id"]);
    assert.deepEqual([gone?.status, gone?.attributes["error.type"]], [2, "upstream-connect-failed"]);
  });

  it("says who speaks, proves it by the secret, and tries again what may be tried again", async () => {
    assert.equal(receiver.resource["service.name"], "shop-gateway");
    assert.equal(receiver.resource["service.namespace"], "shop");
    const [first] = receiver.calls;
    assert.deepEqual([first?.headers["x-api-key"], first?.headers["content-type"]], [token, "application/x-protobuf"]);
    receiver.refuse.push(503, 429);
    const { headers } = await ask("/orders/10");
    await spansOf(headers["x-request-id"]);
    assert.ok(!gateway.output().includes(token));
  });

  it("sends metrics, which are those of /metrics", async () => {
    const find = (): OtlpReceiver["metrics"][number] | undefined =>
      receiver.metrics.findLast(({ name }) => name === "sallyport_requests_total");
    for (let tries = 0; tries < 100 && find() === undefined; tries += 1) await sleep(50);
    assert.equal(find()?.kind, "sum");
    const orders = find()?.points.find(({ attributes }) => attributes["api"] === "orders");
    assert.ok((orders?.asDouble ?? 0) >= 1, JSON.stringify(find()));
    const times = receiver.metrics.findLast(({ name }) => name === "sallyport_request_duration_seconds");
    const [point] = times?.points ?? [];
    assert.equal(
      point?.bucketCounts?.reduce((sum, count) => sum + Number(count), 0),
      Number(point?.count),
    );
    const exemplars = point?.exemplars ?? [];
    assert.ok(exemplars.length > 0, JSON.stringify(point));
    for (const { traceId: example, asDouble, timeUnixNano } of exemplars) {
      const whole = receiver.spans.find((one) => one.traceId === example && one.kind === 2);
      assert.ok(whole !== undefined && asDouble >= 0 && BigInt(timeUnixNano) >= BigInt(whole.startTimeUnixNano));
    }
    assert.equal(receiver.metrics.find(({ name }) => name === "sallyport_workers")?.points[0]?.asDouble, 1);
    const { text } = await askAdmin(gateway, "GET /metrics");
    assert.match(text, /^sallyport_telemetry_exported_total\{signal="traces"\} [1-9]/m);
  });

  it("gives Prometheus traces as examples of a bucket", needsCommand("prometheus"), async () => {
    const scraped = createServer((_, response) => {
      const headers = { accept: "application/openmetrics-text;version=1.0.0" };
      void askAdmin(gateway, "GET /metrics", { headers }).then(({ headers: fields, text }) =>
        response.writeHead(200, { "content-type": fields["content-type"] }).end(text),
      );
    });
    await new Promise<void>((resolve) => scraped.listen(0, "127.0.0.1", resolve));
    const [port = 0] = await freePorts(1);
    const target = `127.0.0.1:${(scraped.address() as AddressInfo).port}`;
    const config = join(gateway.folder, "prometheus.yml");
    writeFileSync(
      config,
      `scrape_configs: [{ job_name: sallyport, scrape_interval: 1s, static_configs: [{ targets: ["${target}"] }] }]\n`,
    );
    const storage = `--storage.tsdb.path=${join(gateway.folder, "prometheus")}`;
    const args = [`--config.file=${config}`, storage, `--web.listen-address=127.0.0.1:${port}`];
    const prometheus = spawn("prometheus", [...args, "--enable-feature=exemplar-storage"], { stdio: "ignore" });
    try {
      const query = "query=sallyport_request_duration_seconds_bucket&start=0&end=9999999999";
      const due = new RegExp(`"api":"orders"[^\\]]*"trace_id":"${traceId}"`);
      // The newest of its bucket is the example: whatever was asked before may have taken its place.
      await ask("/orders/12", { traceparent: parent });
      let text = "";
      for (let tries = 0; tries < 100 && !due.test(text); tries += 1) {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query_exemplars?${query}`).catch(() => null);
        text = (await answer?.text()) ?? "";
        await sleep(100);
      }
      assert.match(text, due);
    } finally {
      prometheus.kill("SIGKILL");
      scraped.closeAllConnections();
      scraped.close();
    }
  });

  it("changes with a reload: as JSON, with traces of our own only, and of a share of them", async () => {
    await use("ratio: 1\n    parent: ignore\n    protocol: http/json\n    compression: none");
    const { headers } = await ask("/orders/11", { traceparent: parent, baggage: "k=v" });
    const [whole, ...steps] = await spansOf(headers["x-request-id"]);
    assert.ok(whole !== undefined && whole.traceId !== traceId && whole.parentSpanId === "" && steps.length === 8);
    assert.equal(receiver.calls.at(-1)?.headers["content-type"], "application/json");
    assert.equal(upstream.seen.at(-1)?.headers["baggage"], undefined);
    await use("ratio: 0");
    const earlier = receiver.spans.length;
    await ask("/orders/12");
    const seen = upstream.seen.at(-1)?.headers ?? {};
    assert.match(String(seen["traceparent"]), /-00$/);
    // Whoever calls has decided otherwise.
    const followed = await ask("/orders/13", { traceparent: parent });
    await spansOf(followed.headers["x-request-id"]);
    assert.ok(receiver.spans.slice(earlier).every((span) => span.traceId === traceId));
  });

  it("sends what is left at a stop, and waits for no receiver that is gone", async () => {
    const { headers } = await ask("/orders/14", { traceparent: parent });
    assert.equal(await gateway.stop(), 0);
    await spansOf(headers["x-request-id"]);
  });
});
