import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomBytes, randomUUID } from "node:crypto";
import { connect } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { askAdmin } from "#test/support/admin.ts";
import { call, type TestRequest, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type InsightsIngestion, type ReceivedItem, startInsightsIngestion } from "#test/support/insights-ingestion.ts";
import { nextMessage, startWebSocketUpstream, webSocketTo, type WebSocketUpstream } from "#test/support/web-socket.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${traceId}-00f067aa0ba902b7-00`;

const definition = (upstream: string, chat: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
deployment: { serviceName: shop-gateway, region: West Europe }
audit: { redact: { headers: [X-National-Id], body: ["**.pin"], patterns: [email] } }
loggers:
  insights: { applicationInsights: { connectionString: { env: INSIGHTS } } }
diagnostics:
  applicationInsights:
    loggerId: insights
    alwaysLog: allErrors
    logClientIp: true
    frontend:
      request: { headers: [X-Trace, Authorization, Cookie, Ocp-Apim-Subscription-Key, X-National-Id] }
apis:
  orders:
    path: /orders
    access: public
    backend: echo
    operations: { read: { method: GET, path: "/{id}" }, write: { method: POST, path: / } }
    policies:
      inbound:
        - base
        - trace: { source: orders, severity: information, message: "order of a@example.com", metadata: [{ name: tier, value: gold }] }
        - trace: { source: orders, severity: verbose, message: "nobody reads this" }
        - emit-metric: { name: orders, namespace: shop, value: 2.5, dimensions: [{ name: API ID }, { name: tier, value: gold }] }
        - set-header: { name: X-Added, values: [gateway] }
      outbound:
        - base
        - set-header: { name: X-Answered, values: [gateway] }
    diagnostics:
      applicationInsights:
        loggerId: insights
        httpCorrelationProtocol: W3C
        metrics: true
        frontend:
          request:
            headers: [X-Trace, X-Masked, X-Hidden]
            body: { bytes: 8192 }
            dataMasking:
              headers: [{ value: x-masked, mode: Mask }, { value: X-Hidden, mode: Hide }]
              queryParams: [{ value: tenant, mode: Mask }, { value: gone, mode: Hide }]
          response: { headers: [X-Answered], body: { bytes: 40 } }
        backend:
          request: { headers: [X-Added, Traceparent], body: { bytes: 16 } }
          response: { headers: [X-Answered, Content-Encoding], body: { bytes: 8192 } }
  never:
    path: /never
    access: public
    backend: echo
    diagnostics:
      applicationInsights:
        loggerId: insights
        sampling: { percentage: 0 }
        alwaysLog: allErrors
        operationNameFormat: Url
        httpCorrelationProtocol: None
        frontend: { request: { body: { bytes: 100 } } }
  quiet: { path: /quiet, access: public, backend: echo, diagnostics: { applicationInsights: { loggerId: insights, verbosity: error } } }
  closed: { path: /closed, access: [{ allow: '"x" in principal.groups' }], backend: echo }
  gone: { path: /gone, access: public, backend: gone }
  chat: { path: /chat, access: public, backend: chat, diagnostics: { applicationInsights: { loggerId: insights, frontend: &all { request: &one { body: { bytes: 100 } }, response: *one }, backend: *all } } }
backends:
  chat: { url: "${chat}" }
  echo: { url: "${upstream}/base" }
  gone: { url: "http://127.0.0.1:1" }
`;

describe("Application Insights, at a stand-in for its ingestion endpoint", () => {
  let upstream: TestUpstream;
  let ingestion: InsightsIngestion;
  let chat: WebSocketUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const body = Buffer.concat(chunks);
        const coding = request.headers["x-coding"]?.toString();
        const coded = coding === "gzip" ? gzipSync(body) : coding === "br" ? brotliCompressSync(body) : body;
        const said = coding === undefined ? {} : { "content-encoding": coding };
        const type = request.headers["content-type"] ?? "text/plain";
        const status = Number(request.headers["x-status"] ?? 200);
        response.writeHead(status, { "content-type": type, "x-answered": "backend", ...said });
        // In pieces, as they come.
        response.write(coded.subarray(0, 7));
        setTimeout(() => response.end(coded.subarray(7)), 5);
      });
    });
    ingestion = await startInsightsIngestion();
    chat = await startWebSocketUpstream();
    gateway = await startTestGateway({
      definition: definition(upstream.url, chat.url),
      args: ["--workers", "1"],
      env: { INSIGHTS: `InstrumentationKey=${ingestion.key};IngestionEndpoint=${ingestion.url}` },
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await ingestion?.close();
    chat?.close();
  });

  const ask = (path: string, options: Omit<TestRequest, "fresh"> = {}): Promise<TestResponse> =>
    call(gateway, path, { fresh: true, ...options });
  const propertiesOf = (item: ReceivedItem | undefined): Readonly<Record<string, string>> =>
    (item?.data.baseData["properties"] ?? {}) as Readonly<Record<string, string>>;

  const seenFor = (response: TestResponse): Readonly<Record<string, unknown>> =>
    upstream.seen.find(({ headers }) => headers["x-request-id"] === response.headers["x-request-id"])?.headers ?? {};

  interface Told {
    readonly request: ReceivedItem;
    readonly dependency: ReceivedItem | undefined;
    readonly exception: ReceivedItem | undefined;
    readonly messages: readonly ReceivedItem[];
  }

  async function told({ headers }: TestResponse): Promise<Told> {
    const id = headers["x-request-id"];
    const all = (): readonly ReceivedItem[] => ingestion.items.filter((one) => propertiesOf(one)["Request Id"] === id);
    for (let tries = 0; tries < 100 && all().length === 0; tries += 1) await sleep(50);
    const find = (type: string): ReceivedItem | undefined => all().find(({ data }) => data.baseType === type);
    const request = find("RequestData");
    assert.ok(request !== undefined, `${String(id)} among ${ingestion.items.length}, ${ingestion.faults.join()}`);
    return {
      request,
      dependency: find("RemoteDependencyData"),
      exception: find("ExceptionData"),
      messages: all().filter(({ data }) => data.baseType === "MessageData"),
    };
  }

  // At the same time: what a worker and the thread gather is waited for once.
  describe("is told", { concurrency: true }, () => {
    it("of a request, of the call of its backend and of what policies say, as parts of one trace", async () => {
      const asked = await ask("/orders/7?x=1&token=s3cret&tenant=acme&gone=1", {
        headers: { traceparent, "x-trace": "t" },
      });
      const { request, dependency, exception, messages } = await told(asked);
      const { baseData } = request.data;
      assert.deepEqual(
        [baseData["name"], baseData["responseCode"], baseData["success"], request.sampleRate],
        ["GET /orders/{id}", "200", true, 100],
      );
      assert.match(String(baseData["url"]), /\/orders\/7\?x=1&token=\[redacted\]&tenant=\*\*\*$/);
      assert.equal(request.tags["ai.operation.name"], "orders;rev=1 - read");
      assert.deepEqual(
        [request.tags["ai.operation.id"], request.tags["ai.operation.parentId"], request.tags["ai.cloud.role"]],
        [traceId, "00f067aa0ba902b7", "shop-gateway"],
      );
      assert.equal(request.tags["ai.location.ip"], "0.0.0.0");
      const properties = propertiesOf(request);
      assert.deepEqual(
        [
          "API Name",
          "API Revision",
          "Operation Name",
          "Service ID",
          "Region",
          "HTTP Method",
          "Request-X-Trace",
          "Response-X-Answered",
        ].map((name) => properties[name]),
        ["orders", "1", "read", "shop-gateway", "West Europe", "GET", "t", "gateway"],
      );
      const asking = dependency?.data.baseData ?? {};
      assert.deepEqual(
        [asking["type"], asking["name"], asking["resultCode"], asking["success"], asking["target"]],
        ["Backend", "GET /7", "200", true, new URL(upstream.url).host],
      );
      assert.match(String(asking["data"]), /\/base\/7\?x=1&token=\[redacted\]/);
      assert.equal(dependency?.tags["ai.operation.parentId"], baseData["id"]);
      // The backend is part of the trace, and told to speak of it too.
      assert.equal(seenFor(asked)["traceparent"], `00-${traceId}-${String(asking["id"])}-01`);
      assert.deepEqual(
        [propertiesOf(dependency)["Request-X-Added"], propertiesOf(dependency)["Response-X-Answered"]],
        ["gateway", "backend"],
      );
      assert.equal(exception, undefined);
      assert.deepEqual(
        messages.map(({ data }) => [data.baseData["message"], data.baseData["severityLevel"]]),
        [["order of [redacted]", "Information"]],
      );
      assert.equal(propertiesOf(messages[0])["tier"], "gold");
      assert.equal(messages[0]?.tags["ai.operation.parentId"], baseData["id"]);
    });

    it("the beginnings of bodies on four sides, which go through whole", async () => {
      const body = JSON.stringify({ item: "x".repeat(200), pin: "1234", mail: "a@example.com" });
      const headers = { "content-type": "application/json", "x-masked": "m", "x-hidden": "h" };
      const asked = await ask("/orders", { method: "POST", headers, body });
      assert.equal(asked.text, body);
      const { request, dependency } = await told(asked);
      const shown = JSON.stringify({ item: "x".repeat(200), pin: "[redacted]", mail: "[redacted]" });
      assert.equal(propertiesOf(request)["Request-Body"], shown);
      assert.equal(propertiesOf(request)["Response-Body"], body.slice(0, 40));
      assert.equal(propertiesOf(dependency)["Request-Body"], body.slice(0, 16));
      assert.equal(propertiesOf(dependency)["Response-Body"], shown);
      assert.deepEqual(
        [propertiesOf(request)["Request-X-Masked"], propertiesOf(request)["Request-X-Hidden"]],
        ["***", undefined],
      );
      assert.deepEqual(request.data.baseData["measurements"], {
        "Request Size": body.length,
        "Response Size": body.length,
      });
    });

    it("no more than it asks for of a large body, which goes through whole and in both directions at once", async () => {
      const body = randomBytes(2_000_000).toString("base64");
      const asked = await ask("/orders", { method: "POST", headers: { "content-type": "text/plain" }, body });
      assert.equal(asked.text.length, body.length);
      assert.ok(asked.text === body);
      const { request, dependency } = await told(asked);
      assert.equal(propertiesOf(request)["Request-Body"], body.slice(0, 8192));
      assert.equal(propertiesOf(dependency)["Response-Body"], body.slice(0, 8192));
      const sizes = { "Request Size": body.length, "Response Size": body.length };
      assert.deepEqual(request.data.baseData["measurements"], sizes);
    });

    it("of a WebSocket when it is over, and nothing of what is said there", async () => {
      const socket = webSocketTo(gateway, "/chat/x");
      await once(socket, "open");
      socket.send("a word");
      assert.equal(await nextMessage(socket), "a word");
      socket.close();
      const find = (): ReceivedItem | undefined =>
        ingestion.items.find(({ data }) => String(data.baseData["url"]).endsWith("/chat/x"));
      for (let tries = 0; tries < 100 && find() === undefined; tries += 1) await sleep(50);
      const { responseCode, success } = find()?.data.baseData ?? {};
      assert.deepEqual([responseCode, success], ["101", true]);
      assert.ok(!JSON.stringify(ingestion.items).includes("a word"));
    });

    it("that a client went away, with what had come by then", async () => {
      const path = `/orders?left=${randomUUID()}`;
      const client = connect(gateway.port, "127.0.0.1");
      const secure = tlsConnect({ socket: client, servername: "localhost", ca: gateway.ca });
      secure.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nthe beginning`);
      for (let tries = 0; tries < 100 && !upstream.seen.some(({ url }) => url.includes(path.slice(8))); tries += 1)
        await sleep(20);
      secure.destroy();
      const find = (): ReceivedItem | undefined =>
        ingestion.items.find(
          ({ data }) => String(data.baseData["url"]).includes(path) && data.baseType === "RequestData",
        );
      for (let tries = 0; tries < 100 && find() === undefined; tries += 1) await sleep(50);
      const item = find();
      assert.deepEqual([item?.data.baseData["success"], item?.data.baseData["responseCode"]], [false, "499"]);
      assert.equal(propertiesOf(item)["Reason"], "client-aborted");
      assert.equal(propertiesOf(item)["Request-Body"], "the beginning");
    });

    it("bodies that are coded, and none that is no text", async () => {
      const body = "a plain line\n".repeat(400);
      const post = (sent: string | Uint8Array, headers: Record<string, string>): Promise<TestResponse> =>
        ask("/orders", { method: "POST", headers, body: sent });
      const coded = async (coding: string): Promise<void> => {
        const asked = await post(body, { "x-coding": coding, "content-type": "text/plain" });
        assert.equal(asked.headers["content-encoding"], coding);
        const { request, dependency } = await told(asked);
        assert.equal(propertiesOf(request)["Response-Body"], body.slice(0, 40), coding);
        assert.equal(propertiesOf(dependency)["Response-Body"], body);
        assert.equal(propertiesOf(dependency)["Response-Content-Encoding"], coding);
      };
      const notShown = async (): Promise<void> => {
        const noText = await post(Buffer.from([0xff, 0xfe, 0x00, 0x80]), {});
        const unknown = await post("{}", { "x-coding": "zstd", "content-type": "application/json" });
        const [binary, odd] = [await told(noText), await told(unknown)];
        assert.equal(propertiesOf(binary.request)["Request-Body"], "[not shown: no text]");
        assert.equal(propertiesOf(odd.dependency)["Response-Body"], "[not shown: its coding]");
      };
      await Promise.all([coded("gzip"), coded("br"), notShown()]);
    });

    it("why a request failed, also where sampling has left it out", async () => {
      const broken = await ask("/never/x", { headers: { "x-status": "503", traceparent } });
      const failed = await told(broken);
      assert.deepEqual(
        [
          failed.request.data.baseData["success"],
          failed.request.data.baseData["responseCode"],
          failed.request.sampleRate,
        ],
        [false, "503", 100],
      );
      // By itself, since it is not to go by what the client says; and what that says goes on as it came.
      assert.notEqual(failed.request.tags["ai.operation.id"], traceId);
      assert.equal(failed.request.tags["ai.operation.parentId"], undefined);
      assert.equal(seenFor(broken)["traceparent"], traceparent);
      assert.equal(failed.request.tags["ai.operation.name"], "GET /never/x");
      const [exception] = (failed.exception?.data.baseData["exceptions"] ?? []) as { readonly message: string }[];
      assert.equal(exception?.message, "the backend answered 503");

      const paths = ["/closed/x", "/gone/x", "/nowhere/at/all?access_token=s3cret"];
      const [refused, gone, nowhere] = (await Promise.all(paths.map(async (path) => told(await ask(path))))) as [
        Told,
        Told,
        Told,
      ];
      assert.equal(propertiesOf(refused.request)["Reason"], "credentials-missing");
      assert.equal(refused.request.tags["ai.location.ip"], "127.0.0.1");
      assert.equal(refused.dependency, undefined);
      assert.deepEqual(
        [gone.exception?.data.baseData["problemId"], gone.dependency?.data.baseData["success"]],
        ["upstream-connect-failed", false],
      );
      assert.equal(propertiesOf(nowhere.request)["Reason"], "route-not-found");
    });

    it("nothing of what was not chosen, and of failures alone where that is the level", async () => {
      const passed = [await ask("/never/a"), await ask("/quiet/a")];
      const failed = await told(await ask("/quiet/b", { headers: { "x-status": "400" } }));
      assert.equal(failed.request.data.baseData["success"], false);
      await told(await ask("/orders/8"));
      for (const { headers } of passed) {
        assert.ok(!JSON.stringify(ingestion.items).includes(String(headers["x-request-id"])));
      }
    });

    it("no credential, whatever a diagnostic names", async () => {
      const secret = "s3cret-4711";
      const headers = {
        authorization: `Bearer ${secret}`,
        cookie: `session=${secret}`,
        "ocp-apim-subscription-key": secret,
        "x-national-id": secret,
        "x-trace": `who sent ${secret}?`,
      };
      const { request } = await told(await ask("/closed/y", { headers }));
      const properties = propertiesOf(request);
      for (const name of ["Authorization", "Cookie", "Ocp-Apim-Subscription-Key", "X-National-Id"]) {
        assert.equal(properties[`Request-${name}`], "[redacted]", name);
      }
      const body = `client_secret=${secret}&x=1`;
      const { cookie } = headers;
      const form = { cookie, "content-type": "application/x-www-form-urlencoded" };
      const plain = { cookie, "content-type": "text/plain" };
      const sent = [
        await ask("/orders", { method: "POST", headers: form, body }),
        await ask("/orders", { method: "POST", headers: plain, body: `you sent ${secret}` }),
      ];
      const shown = (await Promise.all(sent.map(told))).map((one) => propertiesOf(one.request)["Request-Body"]);
      assert.deepEqual(shown, ["client_secret=[redacted]&x=1", "you sent ***"]);
      assert.ok(!JSON.stringify(ingestion.items).includes(secret));
    });
  });

  it("gets again what it asks for again, item by item", async () => {
    ingestion.refuse.push(503, [200, 429, 400]);
    const { request, messages } = await told(await ask("/orders/9"));
    assert.equal(request.data.baseData["success"], true);
    for (let tries = 0; tries < 60 && ingestion.calls.at(-1)?.status !== 200; tries += 1) await sleep(50);
    // The request was taken, the call of the backend asked for again, and the message was refused for good.
    assert.deepEqual(
      ingestion.calls.slice(-3).map(({ items, status }) => [items, status]),
      [
        [3, 503],
        [3, 206],
        [1, 200],
      ],
    );
    assert.equal(messages.length, 0);
    const { text } = await askAdmin(gateway, "GET /metrics");
    assert.match(text, /^sallyport_telemetry_dropped_total\{signal="insights"\} 1$/m);
    assert.match(text, /^sallyport_telemetry_exported_total\{signal="insights"\} [1-9]/m);
  });

  it("gets what its contract says", () => {
    assert.deepEqual(ingestion.faults, []);
    assert.ok(ingestion.calls.every(({ path }) => path === "/v2.1/track"));
    assert.ok(!gateway.output().includes(ingestion.key));
  });

  it("gets what is left at a stop, and nothing of an API that is not told of any more", async () => {
    const text = definition(upstream.url, chat.url).replace(/^diagnostics:[\s\S]*?(?=^apis:)/m, "");
    writeFileSync(join(gateway.folder, "sallyport.yaml"), text);
    assert.equal((await askAdmin(gateway, "POST /reload")).status, 200);
    const untold = await ask("/closed/z");
    const asked = await ask("/orders/10");
    assert.equal(await gateway.stop(), 0);
    await told(asked);
    assert.ok(!JSON.stringify(ingestion.items).includes(String(untold.headers["x-request-id"])));
    // Once a minute, and what is left then.
    const metric = ingestion.items.find(({ data }) => data.baseType === "MetricData");
    const [point] = (metric?.data.baseData["metrics"] ?? []) as readonly Readonly<Record<string, unknown>>[];
    const { count, ...rest } = point ?? {};
    assert.ok(Number(count) >= 10, String(count));
    const value = 2.5 * Number(count);
    assert.deepEqual(rest, { ns: "shop", name: "orders", kind: 1, value, min: 2.5, max: 2.5 });
    assert.deepEqual(propertiesOf(metric)["tier"], "gold");
    assert.deepEqual(ingestion.faults, []);
  });
});
