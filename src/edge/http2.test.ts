import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from "node:http2";
import { after, before, describe, test } from "node:test";
import { connect as connectTls, type TLSSocket } from "node:tls";
import type { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { EdgeCertificate, LimitedBody } from "./edge-types.ts";
import { closing, eventually, makeCa, readBody, reply, run, type Running, type RunOptions } from "./harness.test.ts";
import type { InternalCa } from "./internal-ca.ts";

async function answer(
  stream: ClientHttp2Stream,
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  const [headers] = await once(stream, "response");
  const text = Buffer.concat(await stream.toArray()).toString();
  return { status: headers[":status"], headers, text };
}

describe("HTTP/2", () => {
  let ca: InternalCa;
  let remove: () => Promise<void>;
  let certificates: EdgeCertificate[];
  /** Below the session that was dialled last. */
  let transport: TLSSocket | null = null;

  before(async () => {
    ({ ca, remove } = await makeCa());
    const hosts = ["api.test", "b.test"];
    const { chain, key } = await ca.issue(hosts);
    const single = await ca.issue(["c.test"]);
    certificates = [
      { hosts, certPem: chain, keyPem: key },
      { hosts: ["c.test"], certPem: single.chain, keyPem: single.key },
    ];
  });
  after(() => remove());

  async function using(
    options: RunOptions,
    body: (session: ClientHttp2Session, running: Running) => Promise<void>,
  ): Promise<void> {
    const running = await run({ tls: "internal", ...options, edge: { certificates } });
    const session = dial(running);
    try {
      await body(session, running);
    } finally {
      session.destroy();
      await running.stop();
    }
    assert.deepEqual(running.edge.stats(), { connections: 0, inFlight: 0 }, "nothing is left over");
  }

  function dial(running: Running): ClientHttp2Session {
    const session = connect("https://api.test", {
      createConnection: () =>
        (transport = connectTls({
          port: running.https,
          host: "127.0.0.1",
          ca: ca.rootCertificatePem,
          servername: "api.test",
          ALPNProtocols: ["h2"],
        })),
    });
    session.on("error", () => {});
    return session;
  }

  test("facts, with Host among the fields and cookies joined", () =>
    using({ hsts: { maxAgeSeconds: 5, includeSubDomains: false } }, async (session, { exchanges }) => {
      const stream = session.request({
        ":path": "/a/./b?q=1",
        ":authority": "API.test",
        cookie: ["a=1", "b=2"],
        "x-one": "1",
        x_drop: "2",
        te: "trailers",
      });
      const { status, text, headers } = await answer(stream);
      assert.deepEqual([status, text], [200, "ok"]);
      assert.equal(headers["content-length"], "2");
      assert.equal(headers["strict-transport-security"], "max-age=5");
      assert.ok(headers["date"] !== undefined && headers["server"] === undefined);
      const { facts } = exchanges[0] as Exchange;
      assert.deepEqual(
        [facts.protocol, facts.scheme, facts.method, facts.host, facts.authority, facts.path, facts.query],
        ["HTTP/2", "https", "GET", "api.test", "API.test", "/a/b", "q=1"],
      );
      assert.equal(facts.body, null);
      assert.deepEqual(facts.headers.all("cookie"), ["a=1; b=2"]);
      assert.deepEqual(facts.headers.all("host"), ["API.test"]);
      assert.equal(facts.headers.has("x_drop"), false);
      assert.ok(!facts.headers.raw.some((text_, at) => at % 2 === 0 && text_.startsWith(":")));
    }));

  test("100 is sent when the body is started, not before, and not at all with an answer", () =>
    using({ onExchange: () => {} }, async (session, { exchanges }) => {
      const post = { ":method": "POST", ":path": "/", ":authority": "api.test", expect: "100-continue" };
      const stream = session.request(post);
      const interim: unknown[] = [];
      stream.on("headers", (fields) => interim.push(fields[":status"]));
      await eventually(() => exchanges.length === 1, "the exchange");
      const [first] = exchanges as [Exchange];
      const waits = (): boolean | undefined => first.facts.body?.waits;
      assert.equal(waits(), true);
      assert.equal(interim.length, 0);
      const body = readBody(first.facts.body);
      assert.equal(waits(), false);
      await eventually(() => interim.length === 1, "the interim response");
      stream.end("hi");
      assert.equal((await body).bytes.toString(), "hi");
      reply(first, 200, "done");
      assert.deepEqual([(await answer(stream)).text, interim], ["done", [100]]);

      const refused = session.request(post);
      refused.on("headers", (fields) => interim.push(fields[":status"]));
      await eventually(() => exchanges.length === 2, "the exchange");
      reply(exchanges[1] as Exchange, 401, "no");
      assert.deepEqual([(await answer(refused)).status, interim], [401, [100]]);
      await once(refused, "close");
      assert.equal(refused.rstCode, constants.NGHTTP2_NO_ERROR);
    }));

  test("what is refused never reaches the pipeline", () =>
    using({}, async (session, { exchanges, refusals }) => {
      const cases: readonly (readonly [number, Record<string, string>])[] = [
        [400, { ":path": "/a%2fb" }],
        [400, { ":path": "/a;b" }],
        [404, { ":path": "*", ":method": "OPTIONS" }],
        [400, { ":path": "/", ":authority": "a..b" }],
        [400, { ":path": "/", ":authority": "api.test", host: "b.test" }],
        [421, { ":path": "/", ":authority": "c.test" }],
        [421, { ":path": "/", ":authority": "unknown.test" }],
        [405, { ":path": "/", ":method": "TRACE" }],
        [400, { ":path": "/", ":scheme": "ftp" }],
        [417, { ":path": "/", expect: "magic" }],
      ];
      for (const [status, headers] of cases) {
        const answered = await answer(session.request(headers));
        assert.equal(answered.status, status, JSON.stringify(headers));
        assert.match(answered.text, /requestId/);
      }
      const many = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`x-${at}`, "1"]));
      assert.equal((await answer(session.request({ ":path": "/", ...many }))).status, 431);
      assert.equal(exchanges.length, 0);
      assert.equal(refusals.length, cases.length + 1);
      assert.equal(
        (await answer(session.request({ ":path": "/", ":authority": "b.test" }))).status,
        200,
        "same certificate",
      );
    }));

  test("fields over the limit are refused", () =>
    using({ limits: { headerBytes: 2048 } }, async (session, { exchanges }) => {
      const stream = session.request({ ":path": "/", "x-long": "y".repeat(8000) });
      assert.equal((await answer(stream)).status, 431);
      assert.equal(exchanges.length, 0);
    }));

  test("CONNECT is refused, plain and extended", () =>
    using({}, async (session, { exchanges }) => {
      const plain = session.request({ ":method": "CONNECT", ":authority": "api.test:443" });
      assert.equal((await answer(plain)).status, 405);
      assert.equal(exchanges.length, 0);
    }));

  test("bodies and trailers, both ways", () =>
    using(
      {
        onExchange: async (exchange) => {
          void closing(exchange);
          const { bytes, trailers } = await readBody(exchange.facts.body);
          exchange.client.head(
            200,
            "",
            new HeaderList(["Connection", "close", "Transfer-Encoding", "chunked"]),
            undefined,
          );
          exchange.client.write(bytes);
          exchange.client.end(null, [...(trailers ?? []), "grpc-status", "0", "grpc_dropped", "1"]);
        },
      },
      async (session) => {
        const stream = session.request(
          { ":path": "/", ":method": "POST" },
          { endStream: false, waitForTrailers: true },
        );
        stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7", authorization: "Bearer x" }));
        stream.end("hello");
        const trailers = once(stream, "trailers");
        const { text, headers } = await answer(stream);
        assert.equal(text, "hello");
        assert.equal(headers["connection"], undefined);
        const [received] = await trailers;
        assert.deepEqual(JSON.parse(JSON.stringify(received)), { "x-sum": "7", "grpc-status": "0" });
      },
    ));

  test("HEAD, 204 and empty responses", () =>
    using(
      {
        onExchange: (exchange) => {
          const head = exchange.facts.method === "HEAD";
          reply(exchange, exchange.facts.path === "/204" ? 204 : 200, "", head ? ["Content-Length", "77"] : []);
        },
      },
      async (session) => {
        const head = await answer(session.request({ ":path": "/", ":method": "HEAD" }));
        assert.deepEqual([head.status, head.headers["content-length"], head.text], [200, "77", ""]);
        const none = await answer(session.request({ ":path": "/204" }));
        assert.deepEqual([none.status, none.headers["content-length"]], [204, undefined]);
        assert.equal((await answer(session.request({ ":path": "/" }))).headers["content-length"], "0");
      },
    ));

  test("early hints", () =>
    using(
      {
        onExchange: (exchange) => {
          exchange.client.informational(103, new HeaderList(["Link", "</a.css>"]));
          reply(exchange, 200, "ok");
        },
      },
      async (session) => {
        const stream = session.request({ ":path": "/" });
        const [hints] = await once(stream, "headers");
        assert.deepEqual([hints[":status"], hints["link"]], [103, "</a.css>"]);
        assert.equal((await answer(stream)).text, "ok");
      },
    ));

  test("an aborted response is seen as truncated", () =>
    using(
      {
        onExchange: (exchange) => {
          void closing(exchange);
          exchange.client.head(200, "", new HeaderList(), undefined);
          exchange.client.write(Buffer.from("part"));
          setTimeout(() => exchange.client.abort(), 20);
        },
      },
      async (session) => {
        await assert.rejects(answer(session.request({ ":path": "/" })), /NGHTTP2_INTERNAL_ERROR/);
      },
    ));

  test("a client that ends the connection, and says no more, ends all that is under way on it", () =>
    using({ onExchange: () => {} }, async (session, { exchanges, edge }) => {
      const stream = session.request({ ":method": "POST", ":path": "/", ":authority": "api.test" });
      stream.on("error", () => {});
      stream.write("half");
      await eventually(() => exchanges.length === 1, "the exchange");
      const closed = closing(exchanges[0] as Exchange);
      const body = readBody(exchanges[0]?.facts.body ?? null);
      transport?.end();
      assert.equal(await closed, false);
      await assert.rejects(body, ({ code }: GatewayError) => code === "client-aborted");
      await eventually(() => edge.stats().connections === 0, "the connection is closed");
    }));

  test("a client that resets its stream closes the exchange as incomplete", () =>
    using({ onExchange: () => {} }, async (session, { exchanges, edge }) => {
      const stream = session.request({ ":path": "/", ":method": "POST" });
      stream.on("error", () => {});
      stream.write("part");
      await eventually(() => exchanges.length === 1, "the exchange");
      const closed = closing(exchanges[0] as Exchange);
      const body = readBody((exchanges[0] as Exchange).facts.body);
      stream.destroy();
      await assert.rejects(body, (error: GatewayError) => error.code === "client-aborted");
      assert.equal(await closed, false);
      assert.equal(edge.stats().inFlight, 0);
    }));

  test("completed is told; an unread upload is stopped without an error", () =>
    using({ onExchange: () => {} }, async (session, { exchanges }) => {
      const stream = session.request({ ":path": "/", ":method": "POST" });
      stream.on("error", () => {});
      stream.write(Buffer.alloc(1000));
      await eventually(() => exchanges.length === 1, "the exchange");
      const closed = closing(exchanges[0] as Exchange);
      reply(exchanges[0] as Exchange, 403, "no");
      const { status, text } = await answer(stream);
      assert.deepEqual([status, text], [403, "no"]);
      assert.equal(await closed, true);
      assert.equal(stream.rstCode, constants.NGHTTP2_NO_ERROR);
      const next = session.request({ ":path": "/next" });
      await eventually(() => exchanges.length === 2, "the connection goes on");
      next.close();
    }));

  test("an upload is held back while its reader pauses, and limited", () =>
    using({ onExchange: () => {} }, async (session, { exchanges }) => {
      const stream = session.request({ ":path": "/", ":method": "POST" });
      stream.on("error", () => {});
      stream.end(Buffer.alloc(32 * 1024 * 1024));
      await eventually(() => exchanges.length === 1, "the exchange");
      const body = (exchanges[0] as Exchange).facts.body as LimitedBody;
      body.setLimit(4 * 1024 * 1024);
      const { promise, resolve } = Promise.withResolvers<GatewayError>();
      let paused = false;
      body.start({
        data: () => {
          if (!paused) body.pause();
          paused = true;
        },
        end: () => {},
        fail: resolve,
      });
      await eventually(() => paused, "the first piece");
      await new Promise((done) => setTimeout(done, 50));
      assert.ok(body.received < 1024 * 1024, `received ${body.received} while paused`);
      body.resume();
      assert.equal((await promise).code, "client-body-too-large");
      reply(exchanges[0] as Exchange, 413, "");
    }));

  test("a window that is never opened ends the stream, not the connection", () =>
    using({ limits: { bodyIdleTimeoutMs: 100 }, onExchange: () => {} }, async (session, { exchanges }) => {
      const stream = session.request({ ":path": "/" });
      stream.on("error", () => {});
      stream.pause();
      await eventually(() => exchanges.length === 1, "the exchange");
      const { client } = exchanges[0] as Exchange;
      const { promise, resolve } = Promise.withResolvers<boolean>();
      let written = 0;
      const piece = Buffer.alloc(65_536);
      const pump = (): void => {
        do written += piece.byteLength;
        while (client.write(piece) && written < 64 * 1024 * 1024);
      };
      client.listener = { drained: pump, closed: resolve };
      client.head(200, "", new HeaderList(), undefined);
      pump();
      assert.equal(await promise, false);
      assert.ok(written < 8 * 1024 * 1024, `wrote ${written}`);
      assert.equal(session.destroyed, false);
    }));

  test("a body that stops coming fails", () =>
    using(
      {
        limits: { bodyIdleTimeoutMs: 60 },
        onExchange: (exchange) =>
          void readBody(exchange.facts.body).catch((error: GatewayError) => reply(exchange, error.status, error.code)),
      },
      async (session) => {
        const stream = session.request({ ":path": "/", ":method": "POST" });
        stream.on("error", () => {});
        stream.write("x");
        assert.deepEqual((await answer(stream)).text, "client-body-timeout");
      },
    ));

  test("rapid reset ends the connection", () =>
    using({ onExchange: (exchange) => void closing(exchange) }, async (session, { edge }) => {
      const { promise: closed, resolve } = Promise.withResolvers<void>();
      session.on("close", () => resolve());
      await once(session, "remoteSettings");
      let code = -1;
      session.on("goaway", (given) => (code = given));
      const feed = setInterval(() => {
        for (let count = 0; count < 20 && !session.closed && !session.destroyed; count++) {
          const stream = session.request({ ":path": "/" });
          stream.on("error", () => {});
          stream.close(constants.NGHTTP2_CANCEL);
        }
      }, 2);
      await closed;
      clearInterval(feed);
      assert.equal(code, constants.NGHTTP2_ENHANCE_YOUR_CALM);
      await eventually(() => edge.stats().inFlight === 0, "nothing in flight");
    }));

  test("a session that was idle while a stream was open is closed behind it", () => {
    let late: Exchange | undefined;
    const onExchange = (exchange: Exchange): void => void (late = exchange);
    return using({ limits: { idleTimeoutMs: 60 }, onExchange }, async (session) => {
      const stream = session.request({ ":path": "/", ":authority": "api.test" });
      await eventually(() => late !== undefined, "the request has come");
      await new Promise((resolve) => setTimeout(resolve, 150));
      const closed = once(session, "close");
      reply(late as Exchange, 200, "ok");
      assert.equal((await answer(stream)).text, "ok");
      await closed;
    });
  });

  test("an idle session is closed", () =>
    using({ limits: { idleTimeoutMs: 60 } }, async (session) => {
      assert.equal((await answer(session.request({ ":path": "/" }))).status, 200);
      await once(session, "close");
    }));
});
