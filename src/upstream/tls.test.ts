import assert from "node:assert/strict";
import { createSecureServer } from "node:http2";
import { createServer } from "node:https";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { opensslAbsent, TestCa } from "./certificates.test-helper.ts";
import { createEgress } from "./egress-fetch.ts";
import { backend, Cleanup, clock, exchange, forwarder, isCode, listen, send, text } from "./forwarding.test-helper.ts";

const cleanup = new Cleanup();
let ca: TestCa;

before(() => {
  if (opensslAbsent === false) ca = new TestCa();
});
after(() => ca?.remove());
afterEach(() => cleanup.run());

interface Seen {
  readonly server: string[];
  readonly alpn: string[];
  readonly resumed: boolean[];
}

async function secureUpstream(names: string): Promise<{ port: number; seen: Seen }> {
  const seen: Seen = { server: [], alpn: [], resumed: [] };
  const certificate = ca.issue(names);
  const server = createServer({ ...certificate, ALPNProtocols: ["h2", "http/1.1"] }, (request, response) => {
    const closing = request.url === "/close" ? { connection: "close" } : {};
    response.writeHead(200, closing).end(`secure ${request.headers.host}`);
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    seen.server.push(String((socket as TLSSocket & { servername: unknown }).servername));
    seen.alpn.push(String(socket.alpnProtocol));
    seen.resumed.push(socket.isSessionReused());
  });
  return { port: await listen(server, cleanup), seen };
}

describe("a TLS upstream", { skip: opensslAbsent }, () => {
  it("is verified against the backend's CA and the URL's name, which is also in SNI", async () => {
    const { port, seen } = await secureUpstream("DNS:localhost");
    const up = backend([`https://localhost:${port}`], { ca: join(ca.folder, "ca.pem"), host: "upstream" });
    const via = forwarder(cleanup, { backends: [up] });
    assert.equal(await text(await send(via, exchange())), `secure localhost:${port}`);
    assert.deepEqual(seen.server, ["localhost"]);
    assert.deepEqual(seen.alpn, ["http/1.1"]);
  });

  it("may be named by address", async () => {
    const { port, seen } = await secureUpstream("IP:127.0.0.1");
    const via = forwarder(cleanup, { backends: [backend([`https://127.0.0.1:${port}`], { ca: ca.pem })] });
    assert.match(await text(await send(via, exchange())), /^secure/);
    assert.deepEqual(seen.server, ["false"]);
  });

  it("of another name, or of a CA that is not trusted, gets nothing", async () => {
    const { port, seen } = await secureUpstream("DNS:other.example");
    for (const trusted of [ca.pem, null]) {
      const via = forwarder(cleanup, { backends: [backend([`https://localhost:${port}`], { ca: trusted })] });
      await assert.rejects(send(via, exchange()), isCode("upstream-connect-failed", 502));
    }
    assert.ok(seen.server.length <= 2);
  });

  it("resumes sessions on later connections", async () => {
    const { port, seen } = await secureUpstream("DNS:localhost");
    const via = forwarder(cleanup, { backends: [backend([`https://localhost:${port}`], { ca: ca.pem })] });
    await text(await send(via, exchange({ path: "/" })));
    await text(await send(via, exchange({ path: "/close" })));
    await text(await send(via, exchange({ path: "/" })));
    assert.deepEqual(seen.resumed, [false, true]);
  });

  it("with a CA file that cannot be read is an invalid definition", () => {
    const up = backend(["https://localhost"], { ca: join(ca.folder, "absent.pem") });
    assert.throws(() => forwarder(cleanup, { backends: [up] }), isCode("definition-invalid"));
  });
});

describe("an egress fetch over TLS", { skip: opensslAbsent }, () => {
  it("is verified", async () => {
    const { port } = await secureUpstream("DNS:localhost");
    const request = { url: `https://localhost:${port}/keys`, timeoutMs: 2000, maxBytes: 1000, declared: true };
    const trusting = createEgress({ clock, allow: [], ownAddresses: [], ca: ca.pem });
    assert.equal(Buffer.from((await trusting.fetch(request)).body).toString(), `secure localhost:${port}`);
    const strict = createEgress({ clock, allow: [], ownAddresses: [] });
    await assert.rejects(strict.fetch(request), isCode("upstream-connect-failed"));
  });
});

describe("ALPN of a TLS upstream", { skip: opensslAbsent }, () => {
  async function upstream(http2: boolean): Promise<{ url: string; seen: string[] }> {
    const seen: string[] = [];
    const answer = (request: { httpVersion: string }, response: { end(text: string): unknown }): void => {
      seen.push(request.httpVersion);
      response.end(request.httpVersion);
    };
    const certificate = ca.issue("DNS:localhost");
    const server = http2
      ? createSecureServer({ ...certificate, allowHTTP1: true }, answer)
      : createServer({ ...certificate, ALPNProtocols: ["http/1.1"] }, answer);
    server.on("sessionError", () => {});
    return { url: `https://localhost:${await listen(server, cleanup)}`, seen };
  }

  it("decides where the backend leaves it open, for those who wait for the first connection too", async () => {
    for (const [http2, version] of [
      [true, "2.0"],
      [false, "1.1"],
    ] as const) {
      const { url, seen } = await upstream(http2);
      const via = forwarder(cleanup, { backends: [backend([url], { ca: ca.pem, protocol: "auto" })] });
      const many = [1, 2, 3, 4, 5].map(async () => text(await send(via, exchange())));
      assert.deepEqual(new Set(await Promise.all(many)), new Set([version]));
      assert.equal(await text(await send(via, exchange())), version);
      assert.equal(seen.length, 6);
    }
  });

  it("must agree with what the backend says", async () => {
    const old = await upstream(false);
    const only2 = forwarder(cleanup, { backends: [backend([old.url], { ca: ca.pem, protocol: "h2" })] });
    await assert.rejects(send(only2, exchange()), isCode("upstream-connect-failed", 502));
    const both = await upstream(true);
    const only1 = forwarder(cleanup, { backends: [backend([both.url], { ca: ca.pem, protocol: "http/1.1" })] });
    assert.equal(await text(await send(only1, exchange())), "1.1");
    const chosen = forwarder(cleanup, { backends: [backend([both.url], { ca: ca.pem, protocol: "h2" })] });
    assert.equal(await text(await send(chosen, exchange())), "2.0");
  });
});
