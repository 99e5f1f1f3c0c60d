import assert from "node:assert/strict";
import { linkSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer as createHttp2, type ServerHttp2Stream } from "node:http2";
import { createServer as createHttps } from "node:https";
import { connect, createServer as createTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import type { BackendTls } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import { proxyHeader } from "#wire/proxy-header.ts";
import { opensslAbsent, TestCa } from "./certificates.test-helper.ts";
import {
  backend,
  Cleanup,
  exchange,
  forwarder,
  isCode,
  listen,
  rawUpstream,
  send,
  text,
} from "./forwarding.test-helper.ts";

const cleanup = new Cleanup();
let ca: TestCa;

before(() => {
  if (opensslAbsent === false) ca = new TestCa();
});
after(() => ca?.remove());
afterEach(() => cleanup.run());

function socketPath(name = "app.sock"): string {
  const folder = cleanup.add(mkdtempSync(join(tmpdir(), "upstream-")), (made) => rmSync(made, { recursive: true }));
  return join(folder, name);
}

async function listenAt(server: ReturnType<typeof createTcp>, path: string): Promise<void> {
  await new Promise<void>((done) => server.listen(path, done));
  cleanup.add(server, (made) => made.close());
}

describe("an upstream on a Unix socket", () => {
  it("is spoken to in HTTP/1.1, and in HTTP/2 by prior knowledge", async () => {
    const path = socketPath();
    await listenAt(
      createHttp((request, response) => response.end(`${request.headers.host} ${request.url}`)),
      path,
    );
    const made = exchange({ path: "/a" });
    const via = forwarder(cleanup, { backends: [backend([`unix:${path}`])] });
    assert.equal(await text(await send(via, made)), "public.example:8443 /a");
    assert.equal(made.upstream?.address, `unix:${path}`);
    const other = socketPath();
    const http2 = createHttp2();
    http2.on("stream", (stream: ServerHttp2Stream, headers) => {
      stream.respond({ ":status": 200 });
      stream.end(headers[":authority"]);
    });
    await listenAt(http2, other);
    const up = backend([`unix:${other}`], { protocol: "h2c", host: "upstream" });
    assert.equal(await text(await send(forwarder(cleanup, { backends: [up] }), exchange())), "localhost");
  });

  it("that nobody listens on cannot be connected to", async () => {
    const via = forwarder(cleanup, { backends: [backend([`unix:${socketPath()}`])] });
    await assert.rejects(send(via, exchange()), isCode("upstream-connect-failed", 502));
  });

  it("is never the admin API's, by whatever name, and never a computed destination", async () => {
    const path = socketPath("admin.sock");
    await listenAt(createTcp(), path);
    const link = socketPath("app.sock");
    symlinkSync(path, link);
    for (const name of [path, link]) {
      assert.throws(() => forwarder(cleanup, { backends: [backend([`unix:${name}`])] }), isCode("egress-refused"));
    }
    const via = forwarder(cleanup, { backends: [backend([])], egress: { allow: ["http://*.example"] } });
    for (const computed of [true, false]) {
      const made = exchange();
      made.request.baseUrl = `unix:${link}`;
      made.request.baseUrlComputed = computed;
      await assert.rejects(send(via, made), isCode("egress-refused", 502));
    }
  });
});

describe("a listener of this gateway", () => {
  it("is never a backend, by its path, a link to it, another name of its file, or a linked folder", async () => {
    const path = socketPath("gateway.sock");
    const later = socketPath("later.sock");
    await listenAt(createTcp(), path);
    const links = { symbolic: socketPath(), hard: socketPath(), folder: socketPath("folder") };
    symlinkSync(path, links.symbolic);
    linkSync(path, links.hard);
    symlinkSync(dirname(later), links.folder);
    const ownSockets = [path, later];
    for (const name of [path, links.symbolic, links.hard, later, join(links.folder, "later.sock")]) {
      const start = (): unknown => forwarder(cleanup, { backends: [backend([`unix:${name}`])], ownSockets });
      assert.throws(start, isCode("egress-refused"), name);
    }
    forwarder(cleanup, { backends: [backend([`unix:${socketPath()}`])], ownSockets });
  });
});

describe("TLS towards an upstream", { skip: opensslAbsent }, () => {
  const tls: BackendTls = { certificate: null, keyPem: null, serverName: null, minVersion: "TLSv1.2" };

  it("shows a client certificate, which the upstream verifies", async () => {
    const own = ca.issue("DNS:gateway.example");
    const options = { ...ca.issue("DNS:localhost"), ca: ca.pem, requestCert: true, rejectUnauthorized: true };
    const server = createHttps(options, (request, response) => {
      response.end((request.socket as TLSSocket).getPeerCertificate().subjectaltname);
    });
    const url = `https://localhost:${await listen(server, cleanup)}`;
    const shown = { ...tls, certificate: own.cert, keyPem: own.key };
    const via = forwarder(cleanup, { backends: [backend([url], { ca: ca.pem, tls: shown })] });
    assert.equal(await text(await send(via, exchange())), "DNS:gateway.example");
    const without = forwarder(cleanup, { backends: [backend([url], { ca: ca.pem, tls })] });
    await assert.rejects(send(without, exchange()), isCode("upstream-reset", 502));
  });

  it("asks for, and verifies, another name than that of the URL, and no older version than allowed", async () => {
    const names: unknown[] = [];
    const server = createHttps({ ...ca.issue("DNS:inner.example"), maxVersion: "TLSv1.2" }, (request, response) => {
      names.push((request.socket as TLSSocket & { servername: unknown }).servername);
      response.end("inner");
    });
    const url = `https://127.0.0.1:${await listen(server, cleanup)}`;
    const named = { ...tls, serverName: "inner.example" };
    const via = forwarder(cleanup, { backends: [backend([url], { ca: ca.pem, tls: named })] });
    assert.equal(await text(await send(via, exchange())), "inner");
    assert.deepEqual(names, ["inner.example"]);
    for (const wrong of [tls, { ...tls, serverName: "other.example" }, { ...named, minVersion: "TLSv1.3" as const }]) {
      const refused = forwarder(cleanup, { backends: [backend([url], { ca: ca.pem, tls: wrong })] });
      await assert.rejects(send(refused, exchange()), isCode("upstream-connect-failed", 502));
    }
  });
});

describe("the PROXY protocol towards an upstream", () => {
  function from(client: string): Exchange {
    const made = exchange();
    Object.assign(made.facts, { clientAddress: client });
    return made;
  }

  /** Answers each request with what came before the first one on its connection. */
  async function upstream(): Promise<{ url: string; connections: () => number }> {
    let count = 0;
    const url = await rawUpstream(cleanup, (socket: Socket, nth) => {
      count = nth;
      let seen = "";
      let line = "";
      socket.on("data", (bytes) => {
        seen += bytes.toString("latin1");
        if (line === "") [line = ""] = seen.split("GET");
        if (!seen.endsWith("\r\n\r\n")) return;
        seen = "";
        const body = Buffer.from(line, "latin1").toString("hex");
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      });
    });
    return { url, connections: () => count };
  }

  const plain = (hex: string): string => Buffer.from(hex, "hex").toString("latin1");

  it("names the client first on each connection, which then serves that client alone", async () => {
    const { url, connections } = await upstream();
    const { port } = new URL(url);
    const up = backend([url], { proxyProtocol: "v1", maxConnections: 2 });
    const via = forwarder(cleanup, { backends: [up] });
    const ask = async (client: string): Promise<string> => plain(await text(await send(via, from(client))));
    assert.equal(await ask("192.0.2.1"), `PROXY TCP4 192.0.2.1 127.0.0.1 0 ${port}\r\n`);
    assert.equal(await ask("192.0.2.1"), `PROXY TCP4 192.0.2.1 127.0.0.1 0 ${port}\r\n`);
    assert.equal(connections(), 1);
    assert.equal(await ask("192.0.2.2"), `PROXY TCP4 192.0.2.2 127.0.0.1 0 ${port}\r\n`);
    // At the limit, the oldest of the others' makes room.
    assert.equal(await ask("2001:db8::1"), `PROXY TCP6 2001:db8::1 ::ffff:127.0.0.1 0 ${port}\r\n`);
    assert.equal(await ask(""), "PROXY UNKNOWN\r\n");
    assert.equal(connections(), 4);
  });

  it("keeps clients apart while they wait for a connection", async () => {
    const { url } = await upstream();
    const up = backend([url], { proxyProtocol: "v1", maxConnections: 1 });
    const via = forwarder(cleanup, { backends: [up] });
    const clients = Array.from({ length: 12 }, (_, nth) => `192.0.2.${nth % 3}`);
    const answers = await Promise.all(clients.map(async (client) => plain(await text(await send(via, from(client))))));
    for (const [nth, answer] of answers.entries()) assert.ok(answer.startsWith(`PROXY TCP4 ${clients[nth]} `), answer);
  });

  it("stands before the handshake of TLS", { skip: opensslAbsent }, async () => {
    const secure = createHttps(ca.issue("DNS:localhost"), (_request, response) => response.end("ok"));
    const heads: string[] = [];
    const inner = await listen(secure, cleanup);
    const front = createTcp((socket) => {
      socket.once("data", (bytes: Buffer) => {
        const end = bytes.indexOf("\r\n") + 2;
        heads.push(bytes.toString("latin1", 0, end));
        const behind = connect(inner, "127.0.0.1");
        behind.on("error", () => socket.destroy());
        behind.write(bytes.subarray(end));
        socket.pipe(behind).pipe(socket);
      });
    });
    const port = await listen(front, cleanup);
    const up = backend([`https://localhost:${port}`], { ca: ca.pem, proxyProtocol: "v1" });
    assert.equal(await text(await send(forwarder(cleanup, { backends: [up] }), from("192.0.2.7"))), "ok");
    assert.deepEqual(heads, [`PROXY TCP4 192.0.2.7 127.0.0.1 0 ${port}\r\n`]);
  });

  it("has a binary form", () => {
    const server = { address: "127.0.0.1", port: 8080 };
    const signature = "0d0a0d0a000d0a515549540a";
    const four = proxyHeader("v2", "192.0.2.1", server).toString("hex");
    assert.equal(four, `${signature}2111000cc00002017f00000100001f90`);
    const six = proxyHeader("v2", "2001:db8::1", server).toString("hex");
    const ends = `20010db8000000000000000000000001${"0".repeat(20)}ffff7f00000100001f90`;
    assert.equal(six, `${signature}21210024${ends}`);
    assert.equal(proxyHeader("v2", "", server).toString("hex"), `${signature}20000000`);
    assert.equal(
      proxyHeader("v1", "fe80::1%eth0", server).toString(),
      "PROXY TCP6 fe80::1 ::ffff:127.0.0.1 0 8080\r\n",
    );
  });
});
