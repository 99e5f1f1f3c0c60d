import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls } from "node:tls";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { explainRecord } from "#audit/read/explain.ts";
import type { StoredRecord } from "#model/record.ts";
import { askAdmin } from "#test/support/admin.ts";
import { call, type TestRequest } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { LocalIssuer } from "#test/support/local-issuer.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startWebSocketUpstream, webSocketTo, type WebSocketUpstream } from "#test/support/web-socket.ts";
import { recordsOf } from "../support/record.ts";

const key = "sp_test_0123456789abcdef0123456789";

/** What has to be in the record, compared member by member as deep as it goes. */
type Expected = Readonly<Record<string, unknown>>;

interface Outcome {
  /** Marks the request, in its query. */
  readonly name: string;
  readonly act: (query: string) => Promise<unknown>;
  /** Oldest first. */
  readonly records: readonly Expected[];
  /** Step that stands last in the trail of the last of them, with its outcome. */
  readonly last: string;
}

describe("the record of every outcome", () => {
  let upstream: TestUpstream;
  let echo: WebSocketUpstream;
  let issuer: LocalIssuer;
  let gateway: TestGateway;
  let token: string;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      const { pathname } = new URL(request.url ?? "", "http://localhost");
      if (pathname === "/stall") return;
      if (pathname === "/events") response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      else if (pathname === "/half") {
        response.writeHead(200, { "content-length": "100" }).write("half");
        setTimeout(() => response.destroy(), 20);
      } else if (pathname === "/endless") {
        response.writeHead(200).write("x".repeat(100));
      } else if (pathname === "/large") response.end("x".repeat(1024 * 1024));
      else if (pathname === "/busy") response.writeHead(503).end("busy");
      else response.end("ok");
    });
    echo = await startWebSocketUpstream();
    issuer = await LocalIssuer.start();
    const corp = issuer.publish("/corp");
    token = await issuer.sign({
      iss: corp,
      aud: "orders",
      sub: "ann",
      jti: "token-1",
      sid: "session-1",
      groups: ["engineering"],
      client_id: "shop",
      act: { sub: "helper", client_id: "helper" },
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0" }, forwardAuth: { path: /ask, callers: [127.0.0.1] } }
egress: { allow: ["${issuer.origin}"] }
identity: { providers: { corp: { issuer: "${corp}", audiences: [orders], agents: [helper] } } }
apis:
  open: { path: /open, backend: up, access: public, timeout: 300ms, bodySize: 1KiB, forwardAuth: true }
  versioned: { path: /versioned, versionSet: by-segment, version: v2, revision: 3, backend: up, access: public }
  closed: { path: /closed, backend: up, access: [{ allow: '"engineering" in principal.groups' }] }
  keyed: { path: /keyed, backend: up, policies: { inbound: [base, { rate-limit: { calls: 1, period: 60s } }] } }
  answered: { path: /answered, backend: up, access: public, policies: { inbound: [{ return-response: { status: 418 } }] } }
  failing: { path: /failing, backend: up, access: public, policies: { inbound: [{ set-header: { name: X, values: ["\${request.query['absent']}"] } }] } }
  late: { path: /late, backend: up, access: public, policies: { outbound: [{ set-header: { name: X, values: ["\${request.query['absent']}"] } }] } }
  again: { path: /again, backend: up, access: public, policies: { backend: [{ retry: { condition: "response.status == 503", count: 2, interval: 10ms, policies: [{ forward-request: {} }] } }] } }
  down: { path: /down, backend: down, access: public }
  chat: { path: /chat, backend: echo, access: public, upgrades: [websocket] }
versionSets: { by-segment: { segment: true } }
backends: { up: { url: "${upstream.url}" }, down: { url: "http://127.0.0.1:1" }, echo: { url: "${echo.url}" } }
products: { basic: { apis: [keyed], subscription: key } }
subscriptions: { one: { product: basic, key: { env: TEST_KEY } } }
`,
      env: { TEST_KEY: key },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await upstream.close();
    echo.close();
    await issuer[Symbol.asyncDispose]();
    await gateway.cleanUp();
  });

  const get =
    (path: string, request: () => TestRequest = () => ({})): Outcome["act"] =>
    (query) =>
      call(gateway, `${path}?${query}`, request()).catch(() => {});

  /** Goes away as soon as `until` has been read, or after a moment if that is empty. */
  const leave =
    (path: string, until: string): Outcome["act"] =>
    async (query) => {
      const socket = connectTls({ port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca });
      socket.on("error", () => {});
      socket.write(`GET ${path}?${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      if (until === "") await sleep(100);
      else for (let text = ""; !text.includes(until);) text += String((await once(socket, "data"))[0]);
      socket.destroy();
    };

  /** A POST over HTTP/2. `until`: event of its stream upon which the client goes away. */
  const post =
    (path: string, until: "response" | "close"): Outcome["act"] =>
    async (query) => {
      const client = connectHttp2(gateway.url, { ca: gateway.ca });
      const stream = client.request({ ":method": "POST", ":path": `${path}?${query}` });
      stream.end("body");
      if (until === "close") stream.resume();
      await once(stream, until);
      stream.close();
      await sleep(50);
      client.destroy();
    };

  const chat: Outcome["act"] = async (query) => {
    const socket = webSocketTo(gateway, `/chat?${query}`);
    await once(socket, "open");
    socket.close();
    await once(socket, "close");
  };

  const withToken = (): TestRequest => ({ headers: { authorization: `Bearer ${token}` } });
  const withKey = (): TestRequest => ({ headers: { "ocp-apim-subscription-key": key } });
  const allow = (status: number): Expected => ({ decision: "allow", status, reasons: [] });
  const deny = (status: number, ...reasons: readonly string[]): Expected => ({ decision: "deny", status, reasons });

  const outcomes: readonly Outcome[] = [
    {
      name: "allowed",
      act: get("/open"),
      records: [
        { ...allow(200), bytesOut: 2, route: { api: "open" }, upstream: { name: "up", tries: 1, status: 200 } },
      ],
      last: "outbound passed",
    },
    {
      name: "allowed-of-a-version",
      act: get("/versioned/v2"),
      records: [{ ...allow(200), route: { api: "versioned", version: "v2", revision: 3 } }],
      last: "outbound passed",
    },
    {
      name: "allowed-by-token",
      act: get("/closed", withToken),
      records: [
        {
          ...allow(200),
          principal: { kind: "user", subject: "ann", groups: ["engineering"], authMethod: "token" },
          sessionId: "session-1",
          tokenId: "token-1",
          clientId: "shop",
          tls: { version: "TLSv1.3" },
        },
      ],
      last: "outbound passed",
    },
    {
      name: "allowed-by-key",
      act: get("/keyed", withKey),
      records: [
        { ...allow(200), subscription: "one", product: "basic", principal: { authMethod: "subscription-key" } },
      ],
      last: "outbound passed",
    },
    {
      name: "allowed-with-a-body-over-http2",
      act: post("/open", "close"),
      records: [{ ...allow(200), protocol: "HTTP/2", bytesIn: 4, bytesOut: 2 }],
      last: "outbound passed",
    },
    {
      name: "client-of-http2-gone-in-the-middle",
      act: post("/open/large", "response"),
      records: [{ decision: "allow", status: 499, reasons: ["client-aborted"], protocol: "HTTP/2" }],
      last: "outbound passed",
    },
    {
      name: "sent-again-by-a-policy",
      act: get("/again/busy"),
      records: [{ ...allow(503), upstream: { tries: 3, status: 503 } }],
      last: "outbound passed",
    },
    {
      name: "refused-at-the-edge",
      act: get("/nowhere"),
      records: [deny(404, "route-not-found")],
      last: "route refused",
    },
    {
      name: "refused-body",
      act: get("/open", () => ({ method: "POST", body: "x".repeat(2000) })),
      records: [deny(413, "body-too-large")],
      last: "route refused",
    },
    {
      name: "refused-by-identity",
      act: get("/closed", () => ({ headers: { authorization: `Bearer ${token.slice(0, -4)}AAAA` } })),
      records: [deny(401, "token-signature-invalid")],
      last: "authenticate refused",
    },
    {
      name: "refused-without-a-key",
      act: get("/keyed"),
      records: [deny(401, "key-missing")],
      last: "subscribe refused",
    },
    {
      name: "refused-by-access",
      act: get("/closed"),
      records: [{ ...deny(401, "credentials-missing"), principal: { kind: "anonymous" } }],
      last: "access refused",
    },
    {
      name: "limited",
      act: get("/keyed", withKey),
      records: [{ ...deny(429, "rate-limit-exceeded"), subscription: "one" }],
      last: "inbound refused",
    },
    {
      name: "answered-by-a-policy",
      act: get("/answered"),
      records: [allow(418)],
      last: "inbound answered",
    },
    {
      name: "a-policy-fails",
      act: get("/failing"),
      records: [deny(500, "expression-failed")],
      last: "inbound refused",
    },
    {
      name: "a-policy-fails-behind-the-upstream",
      act: get("/late"),
      records: [{ ...deny(500, "expression-failed"), upstream: { status: 200 } }],
      last: "outbound refused",
    },
    {
      name: "upstream-down",
      act: get("/down"),
      records: [
        { status: 502, reasons: ["upstream-connect-failed"], upstream: { name: "down", status: 0, headersMs: 0 } },
      ],
      last: "forward refused",
    },
    {
      name: "upstream-silent",
      act: get("/open/stall"),
      records: [{ status: 504, reasons: ["upstream-timeout"], upstream: { status: 0 } }],
      last: "forward refused",
    },
    {
      name: "upstream-breaks-off",
      act: get("/open/half"),
      records: [{ decision: "allow", reasons: ["upstream-truncated"], bytesOut: 4 }],
      last: "stream failed",
    },
    {
      name: "client-gone-before-the-answer",
      act: leave("/open/stall", ""),
      records: [{ status: 499, reasons: ["client-aborted"] }],
      last: "forward failed",
    },
    {
      name: "client-gone-in-the-middle",
      act: leave("/open/endless", "xxx"),
      records: [{ decision: "allow", status: 499, reasons: ["client-aborted"], upstream: { status: 200 } }],
      last: "outbound passed",
    },
    {
      name: "event-stream",
      act: leave("/open/events", "data: 1"),
      records: [
        { ...allow(200), stage: "open" },
        { decision: "allow", status: 499, reasons: ["client-aborted"] },
      ],
      last: "outbound passed",
    },
    {
      name: "web-socket",
      act: chat,
      records: [{ ...allow(101), stage: "open" }, allow(101)],
      last: "outbound passed",
    },
    {
      name: "asked-by-a-proxy",
      act: (query) =>
        call(gateway, "/ask", {
          headers: {
            "x-forwarded-method": "GET",
            "x-forwarded-proto": "https",
            "x-forwarded-host": "localhost",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-uri": `/open?${query}`,
          },
        }),
      records: [{ decision: "allow", response: "unseen", askedBy: "127.0.0.1" }],
      last: "grant answered",
    },
    {
      name: "admin-call",
      act: (query) => askAdmin(gateway, `GET /status?${query}`),
      records: [
        {
          ...deny(400, "malformed-request"),
          route: { api: "sallyport:admin" },
          principal: { authMethod: "unix-socket" },
        },
      ],
      last: "read-status refused",
    },
  ];

  async function markedWith(mark: string, count: number): Promise<readonly StoredRecord[]> {
    for (let tries = 0; ; tries += 1) {
      const found = recordsOf(gateway).filter(({ query = "", path }) => query === mark || path.endsWith(mark));
      if (found.length >= count || tries > 200) return found;
      await sleep(20);
    }
  }

  it("says how each of them ended, and by whom", async () => {
    for (const { name, act, records: expected, last } of outcomes) {
      await act(`case=${name}`);
      const found = await markedWith(`case=${name}`, expected.length);
      assert.equal(found.length, expected.length, `${name}: as many records as that`);
      for (const [at, one] of expected.entries()) assert.partialDeepStrictEqual(found[at], one, name);
      const record = found.at(-1) as StoredRecord;
      const { step, outcome } = record.handovers.at(-1) ?? {};
      assert.equal(`${step} ${outcome}`, last, name);
      assert.ok(record.durationMs > 0 && record.configHash.length === 64 && record.seq > 0, name);
      assert.equal(new Set(found.map(({ id }) => id)).size, 1, `${name}: one id`);
    }
  });

  it("explains a section by the policy in it that decided", async () => {
    for (const [mark, step] of [
      ["limited", "rate-limit"],
      ["answered-by-a-policy", "return-response"],
      ["a-policy-fails", "set-header"],
    ] as const) {
      const [record] = await markedWith(`case=${mark}`, 1);
      assert.ok(record !== undefined);
      assert.match(
        explainRecord(record),
        new RegExp(`Decided by  policy door, step ${step} \\(.*sallyport.yaml:\\d+\\)`),
      );
    }
  });

  it("names the agent that acted for somebody, and every actor", async () => {
    const [record] = await markedWith("case=allowed-by-token", 1);
    assert.match(record?.principal.agent ?? "", /\|helper$/);
    assert.deepEqual(record?.principal.actors, [record?.principal.agent]);
    assert.match(record?.tokenDigest ?? "", /^[\w-]{43}$/);
  });

  it("says where the time went", async () => {
    const [record] = await markedWith("case=client-gone-in-the-middle", 1);
    const { connectMs = -1, headersMs = -1, bodyMs = -1 } = record?.upstream ?? {};
    assert.ok(connectMs >= 0 && headersMs >= connectMs && bodyMs > 0, JSON.stringify(record?.upstream));
    assert.ok(connectMs + bodyMs <= (record?.durationMs ?? 0));
  });

  /** What is answered to bytes, and the records that there are of them. */
  async function exchangeBytes(bytes: string): Promise<readonly [answer: string, records: readonly StoredRecord[]]> {
    const already = recordsOf(gateway).length;
    const socket = connectTls({ port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca });
    socket.on("error", () => {});
    let answer = "";
    socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    socket.write(bytes);
    await once(socket, "close");
    await sleep(300);
    return [answer, recordsOf(gateway).slice(already)];
  }

  it("has a malformed body once: as what became of its request", async () => {
    const head = "POST /open HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    const [, found] = await exchangeBytes(`${head}ZZ\r\nx\r\n0\r\n\r\n`);
    assert.equal(found.length, 1);
    assert.partialDeepStrictEqual(found[0], { ...deny(400, "malformed-request"), path: "/open" });
  });

  it("counts the bytes of an answer to what is no request", async () => {
    for (const bytes of [
      "GET /\u0001 HTTP/1.1\r\n\r\n",
      "GET /open HTTP/1.1\r\n\r\n",
      "CONNECT a:1 HTTP/1.1\r\n\r\n",
    ]) {
      const [answer, found] = await exchangeBytes(bytes);
      assert.equal(found.length, 1);
      assert.equal(found[0]?.bytesOut, answer.split("\r\n\r\n")[1]?.length, bytes);
    }
  });

  it("has bytes that are no HTTP", async () => {
    const socket = connectTls({ port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca });
    socket.on("error", () => {});
    socket.write("GET /open\u0001case=malformed HTTP/1.1\r\nHost: localhost\r\n\r\n");
    socket.resume();
    await once(socket, "close");
    await sleep(300);
    const record = recordsOf(gateway).findLast(({ status }) => status === 400);
    assert.equal(record?.decision, "deny");
    assert.equal(record?.handovers[0]?.step, "read");
  });
});

describe("the record of what a stop breaks off", () => {
  it("says that the gateway did, not the client", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
    });
    const gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0" }, limits: { drain: 200ms } }
apis: { open: { path: /open, backend: up, access: public } }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "1"],
    });
    try {
      const socket = connectTls({ port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca });
      const client = connectHttp2(gateway.url, { ca: gateway.ca });
      for (const one of [socket, client]) one.on("error", () => {});
      socket.write("GET /open/http1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
      const stream = client.request({ ":path": "/open/http2" });
      stream.on("error", () => {});
      await Promise.all([once(socket, "data"), once(stream, "data")]);
      await gateway.stop();
      const ended = recordsOf(gateway).filter(({ path, stage }) => path.startsWith("/open/") && stage === undefined);
      assert.equal(ended.length, 2);
      for (const { decision, status, reasons, path } of ended) {
        assert.deepEqual([decision, status, reasons], ["allow", 200, ["shutting-down"]], path);
      }
      socket.destroy();
      client.destroy();
    } finally {
      await gateway.cleanUp();
      await upstream.close();
    }
  });
});
