import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import type { ResolveAll } from "./egress.ts";
import { createEgress } from "./egress-fetch.ts";
import {
  Cleanup,
  clock,
  exchange,
  forwarder,
  httpUpstream,
  isCode,
  rawUpstream,
  send,
  text,
} from "./forwarding.test-helper.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const toLoopback: ResolveAll = (_, done) => done(null, [{ address: "127.0.0.1", family: 4 }]);

function to(baseUrl: string, computed: boolean): Exchange {
  const made = exchange({ path: "/x" });
  made.request.baseUrl = baseUrl;
  made.request.baseUrlComputed = computed;
  return made;
}

describe("a base URL", () => {
  it("that was computed must be allowed, every time anew", async () => {
    const upstream = await httpUpstream(cleanup, (request, response) => response.end(request.url));
    const via = forwarder(cleanup, { egress: { allow: [upstream.url] } });
    assert.equal(await text(await send(via, to(`${upstream.url}/base`, true))), "/base/x");
    assert.equal(await text(await send(via, to(`http://2130706433:${upstream.port}`, true))), "/x");
    await assert.rejects(send(via, to(`http://localhost:${upstream.port}`, true)), isCode("egress-refused", 502));
    via.update({ backends: [], egress: { allow: [] } });
    await assert.rejects(send(via, to(`${upstream.url}/base`, true)), isCode("egress-refused", 502));
  });

  it("that stands in the definition may be anywhere, and lends its connections to nobody else", async () => {
    const upstream = await httpUpstream(cleanup, (request, response) => response.end(request.url));
    const via = forwarder(cleanup, {});
    assert.equal(await text(await send(via, to(upstream.url, false))), "/x");
    await assert.rejects(send(via, to(upstream.url, true)), isCode("egress-refused"));
    const named = `http://localhost:${upstream.port}`;
    const allowing = forwarder(cleanup, { egress: { allow: [named] } });
    assert.equal(await text(await send(allowing, to(named, false))), "/x");
    await assert.rejects(send(allowing, to(named, true)), isCode("egress-refused"));
  });

  it("whose name turns to loopback when it is dialled is refused", async () => {
    let dialled = 0;
    const url = await rawUpstream(cleanup, () => (dialled += 1));
    const { port } = new URL(url);
    const via = forwarder(cleanup, { egress: { allow: [`http://rebind.example:${port}`] }, resolve: toLoopback });
    await assert.rejects(send(via, to(`http://rebind.example:${port}`, true)), isCode("egress-refused", 502));
    assert.equal(dialled, 0);
  });

  it("does not reach our own listeners even when allowed", async () => {
    const upstream = await httpUpstream(cleanup, (_, response) => response.end());
    const via = forwarder(cleanup, {
      egress: { allow: [upstream.url] },
      ownAddresses: [{ host: "0.0.0.0", port: upstream.port }],
    });
    await assert.rejects(send(via, to(upstream.url, true)), isCode("egress-refused"));
    assert.equal(upstream.connections(), 0);
  });

  it("that is no URL is refused", async () => {
    const via = forwarder(cleanup, { egress: { allow: ["http://x.example"] } });
    for (const url of ["nonsense", "http://x.example@127.0.0.1", "ftp://x.example"]) {
      await assert.rejects(send(via, to(url, true)), isCode("egress-refused"));
    }
  });
});

describe("createEgress", () => {
  const egress = createEgress({ clock, allow: ["http://*.example"], ownAddresses: [] });
  const plan = { timeoutMs: 2000, maxBytes: 1000, declared: true };

  it("fetches, with fields, and closes behind it", async () => {
    const upstream = await httpUpstream(cleanup, (request, response) => {
      response.setHeader("x-seen", `${request.method} ${request.url} ${request.headers.accept}`);
      response.end("[]");
    });
    for (let round = 1; round <= 2; round += 1) {
      const { status, headers, body } = await egress.fetch({
        ...plan,
        url: `${upstream.url}/keys?a=b`,
        headers: ["Accept", "application/json"],
      });
      assert.equal(status, 200);
      assert.equal(headers.get("x-seen"), "GET /keys?a=b application/json");
      assert.equal(Buffer.from(body).toString(), "[]");
      assert.equal(upstream.connections(), round);
    }
  });

  it("follows no redirect", async () => {
    let requests = 0;
    const upstream = await httpUpstream(cleanup, (_, response) => {
      requests += 1;
      response.writeHead(302, { location: "http://169.254.169.254/" }).end();
    });
    assert.equal((await egress.fetch({ ...plan, url: upstream.url })).status, 302);
    assert.equal(requests, 1);
  });

  it("takes no more than it was told, announced or not", async () => {
    for (const announced of [true, false]) {
      const { url } = await httpUpstream(cleanup, (_, response) => {
        if (announced) response.setHeader("content-length", 5000);
        response.end(Buffer.alloc(5000));
      });
      await assert.rejects(egress.fetch({ ...plan, url }), isCode("upstream-malformed"));
    }
  });

  it("waits no longer than it was told, for head and body together", async () => {
    const { url } = await httpUpstream(cleanup, (_, response) => {
      response.write("[");
      const timer = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(timer));
    });
    await assert.rejects(egress.fetch({ ...plan, timeoutMs: 80, url }), isCode("upstream-timeout", 504));
  });

  it("refuses what is not declared and not allowed", async () => {
    const { url } = await httpUpstream(cleanup, (_, response) => response.end());
    await assert.rejects(egress.fetch({ ...plan, declared: false, url }), isCode("egress-refused"));
    await assert.rejects(egress.fetch({ ...plan, url: "file:///etc/passwd" }), isCode("egress-refused"));
    await assert.rejects(egress.fetch({ ...plan, url, method: "GET /\r\n" }), isCode("internal"));
  });

  it("reports a server that breaks off", async () => {
    const url = await rawUpstream(cleanup, (socket) =>
      socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")),
    );
    await assert.rejects(egress.fetch({ ...plan, url }), isCode("upstream-truncated"));
  });
});
