import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { describe, test } from "node:test";
import type { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { LimitedBody } from "./edge-types.ts";
import {
  closing,
  dial,
  eventually,
  raw,
  readBody,
  reply,
  roomyLimits,
  run,
  type Running,
  type RunOptions,
} from "./harness.test.ts";

async function using(options: RunOptions, body: (running: Running) => Promise<void>): Promise<void> {
  const running = await run(options);
  try {
    await body(running);
  } finally {
    await running.stop();
  }
  assert.deepEqual(running.edge.stats(), { connections: 0, inFlight: 0 }, "nothing is left over");
}

const get = "GET /a HTTP/1.1\r\nHost: h.test\r\n\r\n";

describe("HTTP/1.1 requests", () => {
  test("facts hold what came in, normalised", () =>
    using({}, async ({ http, exchanges }) => {
      await raw(
        http,
        "GET /a/%7e%2E/../b?x=1&y= HTTP/1.1\r\nHost: H.Test.:81\r\nX-One: 1\r\nConnection: close\r\n\r\n",
      );
      const { facts } = exchanges[0] as Exchange;
      assert.equal(facts.path, "/a/b");
      assert.equal(facts.query, "x=1&y=");
      assert.equal(facts.host, "h.test");
      assert.equal(facts.authority, "H.Test.:81");
      assert.equal(facts.method, "GET");
      assert.equal(facts.protocol, "HTTP/1.1");
      assert.equal(facts.scheme, "http");
      assert.equal(facts.peerAddress, "127.0.0.1");
      assert.equal(facts.clientAddress, "127.0.0.1");
      assert.equal(facts.peerTrusted, false);
      assert.equal(facts.tls, null);
      assert.equal(facts.body, null);
      assert.equal(facts.headers.get("x-one"), "1");
    }));

  test("nothing is carried out behind an answer that ends the connection", () =>
    using({}, async ({ http, exchanges }) => {
      const answer = await raw(http, `GET /a HTTP/1.1\r\nHost: h.test\r\nExpect: 100-continue\r\n\r\n${get}`);
      assert.match(answer, /\r\nConnection: close\r\n/);
      assert.equal(exchanges.length, 1);
    }));

  test("what follows an offer to upgrade is never read as another request", () =>
    using({}, async ({ http, exchanges }) => {
      const socket = await dial(http);
      let answer = "";
      const closed = once(socket, "close");
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString("latin1")));
      const offer = "GET /a HTTP/1.1\r\nHost: h.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
      socket.write(`${offer}POST /b HTTP/1.1\r\nHost: h.test\r\nContent-Length: 200\r\n\r\n`);
      await eventually(() => answer !== "", "the offer is answered");
      // In a read of its own: the parser has lost that it is a body.
      socket.write("GET /smuggled HTTP/1.1\r\nHost: h.test\r\n\r\n");
      await closed;
      assert.deepEqual(
        exchanges.map(({ facts }) => facts.path),
        ["/a"],
      );
      assert.match(answer, /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n/);
    }));

  test("an absolute target's authority is the host, and replaces Host", () =>
    using({}, async ({ http, exchanges }) => {
      await raw(http, "GET http://real.test/x?q HTTP/1.1\r\nHost: other.test\r\nConnection: close\r\n\r\n");
      const { facts } = exchanges[0] as Exchange;
      assert.deepEqual([facts.host, facts.path, facts.query], ["real.test", "/x", "q"]);
      assert.deepEqual(facts.headers.all("host"), ["real.test"]);
    }));

  test("names with _ or . are dropped unless allowed", () =>
    using({ allowedHeaderNames: ["x_ok"] }, async ({ http, exchanges }) => {
      await raw(http, "GET / HTTP/1.1\r\nHost: h\r\nX_User: a\r\nX.User: b\r\nX_Ok: c\r\nConnection: close\r\n\r\n");
      const { headers } = (exchanges[0] as Exchange).facts;
      assert.deepEqual(headers.raw, ["Host", "h", "X_Ok", "c", "Connection", "close"]);
    }));

  test("a trusted proxy's client address is believed, and trust can change live", () =>
    using({ trustedProxies: ["127.0.0.0/8"] }, async ({ http, exchanges, edge }) => {
      const text = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 6.6.6.6, 198.51.100.7, 127.0.0.9\r\n\r\n";
      const socket = await dial(http);
      socket.write(text);
      await once(socket, "data");
      assert.equal(exchanges[0]?.facts.clientAddress, "198.51.100.7");
      assert.equal(exchanges[0]?.facts.peerTrusted, true);
      edge.update({
        https: [],
        http: [],
        tls: "off",
        trustedProxies: [],
        hsts: null,
        clientCertificates: null,
        listenerCertificates: [],
        proxyProtocol: [],
        advertisedPorts: { https: null, http: null },
        allowedHeaderNames: [],
        forwardAuth: null,
        proxySecret: null,
        forwardedHeader: false,
        limits: roomyLimits,
      });
      socket.write(text);
      await once(socket, "data");
      assert.equal(exchanges[1]?.facts.clientAddress, "127.0.0.1");
      socket.destroy();
    }));

  test("pipelined requests are answered in order", () =>
    using(
      {
        onExchange: (exchange) => {
          const delay = exchange.facts.path === "/1" ? 30 : 0;
          closing(exchange).catch(() => {});
          setTimeout(() => reply(exchange, 200, exchange.facts.path), delay);
        },
      },
      async ({ http }) => {
        const text = [1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: h\r\n\r\n`).join("");
        const answer = await raw(http, text, /\/3$/);
        assert.deepEqual(answer.match(/\/\d$|(?<=\r\n\r\n)\/\d/gm), ["/1", "/2", "/3"]);
      },
    ));

  test("pipelined requests keep their answers when what follows them is malformed", () =>
    using(
      {
        onExchange: (exchange) => {
          closing(exchange).catch(() => {});
          setTimeout(() => reply(exchange, 200, exchange.facts.path), 30);
        },
      },
      async ({ http }) => {
        const text = [1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\nHost: h\r\n\r\n`).join("");
        const answer = await raw(http, `${text}garbage\r\n\r\n`);
        assert.deepEqual(answer.match(/(?<=\r\n\r\n)\/\d/gm), ["/1", "/2", "/3"]);
        assert.equal(answer.match(/^Connection: close\r$/gm)?.length, 1);
      },
    ));

  test("a flood of pipelined requests is cut off", () =>
    using({ onExchange: (exchange) => void closing(exchange) }, async ({ http, exchanges, edge }) => {
      const socket = await dial(http);
      socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(500));
      await eventually(() => edge.stats().inFlight === 100, "a hundred in flight");
      socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n".repeat(500));
      await new Promise((resolve) => setTimeout(resolve, 30));
      assert.equal(exchanges.length, 100);
      socket.destroy();
      await eventually(() => edge.stats().inFlight === 0, "all of them closed with the connection");
    }));
});

describe("HTTP/1.1 request bodies", () => {
  test("with length, chunked, and with trailers that may pass", () =>
    using(
      {
        onExchange: async (exchange) => {
          const { bytes, trailers } = await readBody(exchange.facts.body);
          reply(exchange, 200, `${exchange.facts.body?.length}:${bytes.toString()}:${trailers?.join("=")}`);
        },
      },
      async ({ http }) => {
        const fixed = await raw(
          http,
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        );
        assert.match(fixed, /3:abc:undefined$/);
        const chunked = await raw(
          http,
          "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" +
            "2;x=1\r\nab\r\n1\r\nc\r\n0\r\nX-Sum: 9\r\nAuthorization: Bearer x\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n",
        );
        assert.match(chunked, /undefined:abc:X-Sum=9$/);
      },
    ));

  test("100 Continue is sent when the body is started, not before", () =>
    using({ onExchange: () => {} }, async ({ http, exchanges }) => {
      const socket = await dial(http);
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-Continue\r\n\r\n");
      await eventually(() => exchanges.length === 1, "the exchange");
      await new Promise((resolve) => setTimeout(resolve, 20));
      assert.equal(text, "");
      const body = readBody(exchanges[0]?.facts.body ?? null);
      await eventually(() => text === "HTTP/1.1 100 Continue\r\n\r\n", "the interim response");
      socket.write("hi");
      assert.equal((await body).bytes.toString(), "hi");
      reply(exchanges[0] as Exchange, 200, "done");
      await eventually(() => text.endsWith("done"), "the response");
      socket.destroy();
    }));

  test("a refusal before the body costs no 100, ends the connection, and survives a body that is sent anyway", () =>
    using({ onExchange: (exchange) => reply(exchange, 401, "no") }, async ({ http, exchanges }) => {
      for (const length of [9, 200_000]) {
        const socket = await dial(http);
        let text = "";
        const closed = once(socket, "close");
        socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1")));
        socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`);
        await eventually(() => text !== "", "the answer");
        // As if it had not waited: neither may this reset the answer away, nor what follows be carried out.
        socket.write(`${"x".repeat(length)}GET /behind HTTP/1.1\r\nHost: h\r\n\r\n`);
        await closed;
        assert.match(text, /^HTTP\/1.1 401 [^]*\r\nConnection: close\r\n[^]*no$/);
      }
      assert.deepEqual(
        exchanges.map(({ facts }) => facts.path),
        ["/", "/"],
      );
    }));

  test("nothing is carried out behind a body that nobody read", () =>
    using({}, async ({ http, exchanges }) => {
      const post = `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}`;
      const answer = await raw(http, `${post}${get}`);
      assert.equal(answer.match(/^HTTP\/1.1 /gm)?.length, 1);
      assert.equal(exchanges.length, 1);
    }));

  test("a client that expects 100 and does not wait gets all its answers", () =>
    using({ onExchange: (exchange) => setImmediate(() => reply(exchange, 200, "ok")) }, async ({ http }) => {
      const head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
      const answer = await raw(http, `${head}hi${get}`, /ok[^]*ok/);
      assert.match(answer, /^HTTP\/1.1 200 [^]*HTTP\/1.1 200 /);
    }));

  test("HTTP/1.0 knows no 100", () =>
    using(
      { onExchange: (exchange) => void readBody(exchange.facts.body).then(() => reply(exchange, 200, "ok")) },
      async ({ http }) => {
        const answer = await raw(
          http,
          "POST / HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
        );
        assert.match(answer, /^HTTP\/1.1 200 /);
      },
    ));

  test("over the limit: declared and counted", async () => {
    const failures: string[] = [];
    const onExchange = async (exchange: Exchange): Promise<void> => {
      (exchange.facts.body as LimitedBody).setLimit(exchange.facts.path === "/raised" ? 1000 : 10);
      try {
        await readBody(exchange.facts.body);
        reply(exchange, 200, "taken");
      } catch (error) {
        failures.push((error as GatewayError).code);
        reply(exchange, (error as GatewayError).status, "");
      }
    };
    await using({ onExchange, limits: { bodyBytes: 10 } }, async ({ http }) => {
      const head = "HTTP/1.1\r\nHost: h\r\nConnection: close\r\n";
      assert.match(await raw(http, `POST / ${head}Content-Length: 100\r\n\r\n${"x".repeat(100)}`), /^HTTP\/1.1 413 /);
      const chunk = "14\r\n01234567890123456789\r\n";
      const chunked = `POST / ${head}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`;
      assert.match(await raw(http, chunked), /^HTTP\/1.1 413 /);
      assert.match(await raw(http, `POST /raised ${head}Content-Length: 100\r\n\r\n${"x".repeat(100)}`), /taken$/);
      assert.deepEqual(failures, ["client-body-too-large", "client-body-too-large"]);
    });
  });

  test("a huge unread body does not hide the refusal behind a reset", () =>
    using({ onExchange: (exchange) => reply(exchange, 403, "refused") }, async ({ http }) => {
      const outgoing = httpRequest({ port: http, method: "POST", headers: { "Content-Length": 50_000_000 } });
      outgoing.on("error", () => {});
      const piece = Buffer.alloc(65_536);
      const feed = setInterval(() => outgoing.write(piece), 1);
      const [response] = await once(outgoing, "response");
      clearInterval(feed);
      assert.equal(response.statusCode, 403);
      assert.equal(response.headers.connection, "close");
      assert.equal(Buffer.concat(await response.toArray()).toString(), "refused");
      outgoing.destroy();
    }));

  test("a small unread body is thrown away and the connection kept", () =>
    using({ onExchange: (exchange) => reply(exchange, 401, "no") }, async ({ http, exchanges }) => {
      const post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n";
      const socket = await dial(http);
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.write(post);
      await eventually(() => text.endsWith("no"), "the refusal");
      socket.write(`hello${get}`);
      await eventually(() => exchanges.length === 2 && text.split("HTTP/1.1 401").length === 3, "the second");
      assert.equal(exchanges[1]?.facts.path, "/a");
      socket.destroy();
    }));

  test("a body that stops coming fails with 408", () =>
    using(
      {
        limits: { bodyIdleTimeoutMs: 60 },
        onExchange: (exchange) =>
          void readBody(exchange.facts.body).catch((error: GatewayError) => reply(exchange, error.status, error.code)),
      },
      async ({ http }) => {
        const text = await raw(http, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
        assert.match(text, /^HTTP\/1.1 408 /);
        assert.match(text, /client-body-timeout$/);
      },
    ));

  test("a malformed chunk fails the body and the connection takes nothing more", () =>
    using(
      {
        onExchange: (exchange) =>
          void readBody(exchange.facts.body).catch((error: GatewayError) => reply(exchange, error.status, error.code)),
      },
      async ({ http, exchanges }) => {
        const head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        const text = await raw(http, `${head}2\r\nabXX\r\n${get}`);
        assert.match(text, /^HTTP\/1.1 400 [^]*client-malformed$/);
        assert.equal(exchanges.length, 1);
      },
    ));

  test("an upload is held back while its reader pauses", () =>
    using({ limits: { bodyBytes: 1e9 }, onExchange: () => {} }, async ({ http, exchanges }) => {
      const socket = await dial(http);
      const total = 64 * 1024 * 1024;
      socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${total}\r\nConnection: close\r\n\r\n`);
      socket.write(Buffer.alloc(total));
      await eventually(() => exchanges.length === 1, "the exchange");
      const body = exchanges[0]?.facts.body as LimitedBody;
      const { promise, resolve } = Promise.withResolvers<void>();
      let seen = 0;
      body.start({
        data: (chunk) => {
          seen += chunk.byteLength;
          if (seen === chunk.byteLength) body.pause();
        },
        end: () => resolve(),
        fail: () => {},
      });
      await eventually(() => seen > 0, "the first piece");
      await new Promise((done) => setTimeout(done, 50));
      assert.ok(body.received < 1024 * 1024, `received ${body.received} while paused`);
      assert.ok(socket.bytesWritten - socket.writableLength < total, "the rest waits at the client");
      body.resume();
      await promise;
      assert.equal(body.received, total);
      reply(exchanges[0] as Exchange, 200, "");
      socket.resume();
      await once(socket, "close");
    }));
});

describe("HTTP/1.1 responses", () => {
  test("framing is the edge's own", () =>
    using(
      {
        onExchange: (exchange) =>
          reply(exchange, 200, "hello", ["Content-Length", "99", "Transfer-Encoding", "chunked", "X-A", "1"]),
      },
      async ({ http }) => {
        const text = await raw(http, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assert.match(text, /Content-Length: 5\r\n/);
        assert.doesNotMatch(text, /Transfer-Encoding|Server:/i);
        assert.match(text, /\r\nDate: /);
        assert.equal(text.match(/Content-Length/g)?.length, 1);
      },
    ));

  test("HEAD, 204 and 304 have no body and the right length", () =>
    using(
      {
        onExchange: (exchange) => {
          const { path } = exchange.facts;
          if (path === "/head") reply(exchange, 200, "", ["Content-Length", "1234"]);
          else if (path === "/own") reply(exchange, 200, "hello");
          else reply(exchange, Number(path.slice(1)), "never sent", ["Content-Length", "10"]);
        },
      },
      async ({ http }) => {
        const ask = (method: string, path: string): Promise<string> =>
          raw(http, `${method} ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
        assert.match(await ask("HEAD", "/head"), /Content-Length: 1234\r\n[^]*\r\n\r\n$/);
        assert.match(await ask("HEAD", "/own"), /Content-Length: 5\r\n[^]*\r\n\r\n$/);
        assert.doesNotMatch(await ask("GET", "/204"), /Content-Length|never|Transfer/);
        assert.match(await ask("GET", "/304"), /Content-Length: 10\r\n[^]*\r\n\r\n$/);
      },
    ));

  test("unknown length: chunked with trailers for 1.1, until the end of the connection for 1.0", () =>
    using(
      {
        onExchange: (exchange) => {
          void closing(exchange);
          const announced = ["Trailer", "X-Sum, Content-Length, a b", "Trailer", "Authorization"];
          exchange.client.head(200, "OK", new HeaderList(announced), undefined);
          exchange.client.write(Buffer.from("one"));
          exchange.client.end(Buffer.from("two"), ["X-Sum", "7", "Content-Length", "1"]);
        },
      },
      async ({ http }) => {
        const now = await raw(http, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        assert.match(now, /\r\nTrailer: X-Sum\r\n/);
        assert.match(now, /Transfer-Encoding: chunked\r\n[^]*6\r\nonetwo\r\n0\r\nX-Sum: 7\r\n\r\n$/);
        const old = await raw(http, "GET / HTTP/1.0\r\nHost: h\r\n\r\n");
        assert.match(old, /\r\n\r\nonetwo$/);
        assert.doesNotMatch(old, /Trailer/);
        assert.doesNotMatch(old, /Transfer-Encoding/);
      },
    ));

  test("an invalid trailer breaks off the response, and an invalid field can be answered otherwise", () =>
    using(
      {
        onExchange: (exchange) => {
          void closing(exchange);
          const { client, facts } = exchange;
          if (facts.path === "/field") {
            assert.throws(() => client.head(200, "", new HeaderList(["X", "a\r\nY: b"]), 0));
            reply(exchange, 500, "instead");
            return;
          }
          client.head(200, "", new HeaderList(), undefined);
          client.end(Buffer.from("x"), ["X-Sum", "a\r\nY: b"]);
        },
      },
      async ({ http }) => {
        assert.doesNotMatch(await raw(http, "GET /trailer HTTP/1.1\r\nHost: h\r\n\r\n"), /0\r\n|Y: b/);
        assert.match(await raw(http, "GET /field HTTP/1.1\r\nHost: h\r\n\r\n", /instead$/), /^HTTP\/1.1 500 /);
      },
    ));

  test("the head of an event stream goes out before its first event", () =>
    using(
      {
        onExchange: (exchange) => {
          void closing(exchange);
          exchange.client.head(200, "OK", new HeaderList(["Content-Type", "text/event-stream"]), undefined);
        },
      },
      async ({ http }) => assert.match(await raw(http, get, /\r\n\r\n$/), /event-stream/),
    ));

  test("early hints", () =>
    using(
      {
        onExchange: (exchange) => {
          exchange.client.informational(103, new HeaderList(["Link", "</a.css>; rel=preload"]));
          reply(exchange, 200, "ok");
        },
      },
      async ({ http }) =>
        assert.match(await raw(http, get, /ok$/), /^HTTP\/1.1 103 Early Hints\r\nLink: <[^]*\r\n\r\nHTTP\/1.1 200/),
    ));

  test("an aborted response is seen as truncated", () =>
    using(
      {
        onExchange: (exchange) => {
          void closing(exchange);
          const known = exchange.facts.path === "/known";
          exchange.client.head(200, "OK", new HeaderList(), known ? 100 : undefined);
          exchange.client.write(Buffer.from("part"));
          setTimeout(() => exchange.client.abort(), 20);
        },
      },
      async ({ http }) => {
        for (const path of ["/known", "/chunked"]) {
          const response = await fetch(`http://127.0.0.1:${http}${path}`);
          await assert.rejects(response.text(), path);
        }
      },
    ));

  test("a body that does not fit its announced length breaks the connection", () =>
    using(
      {
        onExchange: (exchange) => {
          void closing(exchange);
          exchange.client.head(200, "OK", new HeaderList(), 5);
          exchange.client.write(Buffer.from("abc"));
          if (exchange.facts.path === "/long") exchange.client.write(Buffer.from("defHTTP/1.1 200 evil"));
          else exchange.client.end(null, null);
        },
      },
      async ({ http }) => {
        for (const path of ["/long", "/short"]) {
          const text = await raw(http, `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
          assert.doesNotMatch(text, /evil|def/);
        }
      },
    ));

  test("a client that goes away closes its exchange as incomplete, once", () =>
    using({ onExchange: () => {} }, async ({ http, exchanges, edge }) => {
      const socket = await dial(http);
      socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nab`);
      await eventually(() => exchanges.length === 1, "the exchange");
      const exchange = exchanges[0] as Exchange;
      const closed = closing(exchange);
      const body = readBody(exchange.facts.body);
      socket.destroy();
      await assert.rejects(body, (error: GatewayError) => error.code === "client-aborted" && error.status === 499);
      assert.equal(await closed, false);
      assert.equal(edge.stats().inFlight, 0);
    }));

  test("completed is told when the response was handed over", () =>
    using({ onExchange: () => {} }, async ({ http, exchanges }) => {
      const pending = raw(http, get, /ok$/);
      await eventually(() => exchanges.length === 1, "the exchange");
      const closed = closing(exchanges[0] as Exchange);
      reply(exchanges[0] as Exchange, 200, "ok");
      assert.equal(await closed, true);
      await pending;
    }));

  test("a reader that takes nothing is held back and then dropped", () =>
    using({ limits: { bodyIdleTimeoutMs: 100 }, onExchange: () => {} }, async ({ http, exchanges }) => {
      const socket = await dial(http);
      socket.pause();
      socket.write(get);
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
      client.head(200, "OK", new HeaderList(), undefined);
      pump();
      assert.equal(await promise, false);
      assert.ok(written < 64 * 1024 * 1024, "back-pressure never came");
      socket.destroy();
    }));

  test("drained is told when the reader takes again", () =>
    using({ onExchange: () => {} }, async ({ http, exchanges }) => {
      const socket = await dial(http);
      socket.pause();
      socket.write(get);
      await eventually(() => exchanges.length === 1, "the exchange");
      const { client } = exchanges[0] as Exchange;
      const { promise, resolve } = Promise.withResolvers<void>();
      client.listener = { drained: () => resolve(), closed() {} };
      client.head(200, "OK", new HeaderList(), undefined);
      const piece = Buffer.alloc(65_536);
      while (client.write(piece)) await new Promise((done) => setImmediate(done));
      socket.resume();
      await promise;
      client.end(null, null);
      socket.destroy();
    }));

  test("a handler that throws costs its client the answer only", () =>
    using(
      {
        onExchange: (exchange) => {
          if (exchange.facts.path === "/boom") throw new Error("boom");
          reply(exchange, 200, "ok");
        },
      },
      async ({ http }) => {
        assert.equal(await raw(http, "GET /boom HTTP/1.1\r\nHost: h\r\n\r\n"), "");
        assert.match(await raw(http, get, /ok$/), /200/);
      },
    ));
});
