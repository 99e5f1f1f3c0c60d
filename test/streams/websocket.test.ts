import assert from "node:assert/strict";
import type { StoredRecord } from "#model/record.ts";
import { once } from "node:events";
import { connect as connectHttp2, type ClientHttp2Session, type ClientHttp2Stream } from "node:http2";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { connect as connectTcp, createServer as createTcp, type AddressInfo, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import {
  endOf,
  nextMessage,
  startWebSocketUpstream,
  textFrame,
  webSocketTo,
  type WebSocketUpstream,
} from "#test/support/web-socket.ts";
import { recordsOf } from "../support/record.ts";

const key = "dGhlIHNhbXBsZSBub25jZQ==";

/** An upstream that answers a handshake with these bytes, and then gives the connection away. */
async function rawUpstream(serve: (socket: Socket, head: string) => void): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createTcp({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (head: Buffer) => serve(socket, head.toString("latin1")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

describe("switching protocols", () => {
  let echo: WebSocketUpstream;
  let raw: { url: string; close(): void };
  let gateway: TestGateway;
  let h2: ClientHttp2Session | undefined;

  before(async () => {
    echo = await startWebSocketUpstream();
    raw = await rawUpstream((socket, head) => {
      const [, how] = /^GET \/([a-z-]+)/.exec(head) ?? [];
      if (how === "wrong-accept") {
        socket.write(
          "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n",
        );
      } else if (how === "other-protocol")
        socket.write("HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n");
      else if (how === "declines") socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain");
      else if (!/^upgrade: echo\r$/im.test(head)) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nnothing");
      else {
        socket.write("HTTP/1.1 101 X\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\nhi:");
        socket.on("data", (chunk: Buffer) => socket.write(chunk));
        socket.on("end", () => setTimeout(() => socket.end(":bye"), 20));
      }
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  chat: { path: /chat, backend: chat, access: public, policies: { inbound: [base, { set-header: { name: X-Added, values: [yes] } }] } }
  staff: { path: /staff, backend: chat, access: [{ allow: 'principal.kind != "anonymous"' }] }
  none: { path: /none, backend: chat, access: public, upgrades: [] }
  rewritten: { path: /rewritten, backend: chat, access: public, policies: { outbound: [base, { set-body: x }] } }
  raw: { path: /raw, backend: raw, access: public, upgrades: [websocket, echo] }
backends: { chat: { url: "${echo.url}" }, raw: { url: "${raw.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    h2?.destroy();
    await gateway.cleanUp();
    echo.close();
    raw.close();
  });

  async function dial(): Promise<TLSSocket> {
    const tcp = connectTcp({ port: gateway.port, host: "localhost", allowHalfOpen: true });
    const socket = connectTls({ socket: tcp, servername: "localhost", ca: gateway.ca, ALPNProtocols: ["http/1.1"] });
    await once(socket, "secureConnect");
    socket.on("error", () => {});
    return socket;
  }

  /** Sends bytes and gives all that comes until the end; ends its own direction when it has what it waits for. */
  async function exchange(bytes: string, expected?: string): Promise<string> {
    const socket = await dial();
    let text = "";
    socket.write(bytes, "latin1");
    for await (const chunk of socket) {
      text += (chunk as Buffer).toString("latin1");
      // Not before: OpenSSL drops what is under way when a side that has ended asks whether the other one has as well.
      if (expected !== undefined && text.endsWith(expected) && !socket.writableEnded) socket.end();
    }
    return text;
  }

  const handshake = (path: string, more = "", protocol = "websocket"): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive, Upgrade\r\nUpgrade: ${protocol}\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${more}\r\n`;

  async function recordOf(id: string, stage: "open" | undefined): Promise<StoredRecord> {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = recordsOf(gateway).find((one) => one.id === id && one.stage === stage);
      if (found !== undefined) return found;
      await sleep(50);
    }
    assert.fail(`no record of ${id}`);
  }

  it("carries a WebSocket both ways, with what the policies wrote and the truth about the client", async () => {
    const socket = webSocketTo(gateway, "/chat/room?x=1", {}, ["chat.v2", "chat.v1"]);
    await once(socket, "open");
    assert.equal(socket.protocol, "chat.v2");
    const answer = nextMessage(socket);
    socket.send("one");
    assert.equal(await answer, "one");
    const large = "x".repeat(3_000_000);
    const back = nextMessage(socket);
    socket.send(large);
    assert.equal(await back, large);
    socket.close(1000, "done");
    assert.equal((await endOf(socket)).code, 1000);
    const { url, headers } = echo.seen.at(-1) as (typeof echo.seen)[number];
    assert.equal(url, "/room?x=1");
    assert.equal(headers["x-added"], "yes");
    assert.equal(headers["x-forwarded-proto"], "https");
    assert.equal(headers["upgrade"], "websocket");
  });

  it("runs identity and access first", async () => {
    const seen = echo.seen.length;
    const socket = webSocketTo(gateway, "/staff/room");
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, { statusCode: number }];
    assert.equal(response.statusCode, 401);
    assert.equal(echo.seen.length, seen);
  });

  it("records that one began, and then how it ended", async () => {
    const socket = webSocketTo(gateway, "/chat/greet");
    const id = once(socket, "upgrade").then(([response]) =>
      String((response as { headers: object & { [x: string]: string } }).headers["x-request-id"]),
    );
    const [, requestId] = await Promise.all([nextMessage(socket), id]);
    const open = await recordOf(requestId, "open");
    assert.deepEqual([open.decision, open.status, open.protocol], ["allow", 101, "HTTP/1.1"]);
    const { stdout } = await runCli(["explain", requestId, "--data", gateway.data]);
    assert.match(stdout, /state +open/);
    socket.close();
    await endOf(socket);
    const closed = await recordOf(requestId, undefined);
    assert.deepEqual([closed.decision, closed.status, closed.reasons], ["allow", 101, []]);
    assert.ok(closed.bytesOut > 7 && closed.bytesIn > 5 && closed.durationMs > open.durationMs);
  });

  it("refuses handshakes that are not RFC 6455's, and operations that take none", async () => {
    const bad = handshake("/chat/a").replace(key, "short");
    assert.match(await exchange(bad), /^HTTP\/1\.1 400 [^]*handshake-invalid/);
    const old = handshake("/chat/a").replace("Version: 13", "Version: 8");
    assert.match(await exchange(old), /^HTTP\/1\.1 426 [^]*Sec-WebSocket-Version: 13/);
    assert.match(await exchange(handshake("/none/a")), /^HTTP\/1\.1 403 [^]*upgrade-not-allowed/);
    assert.match(await exchange(handshake("/rewritten/a")), /^HTTP\/1\.1 403 [^]*upgrade-not-allowed/);
  });

  it("answers 502 to a 101 that is not the answer to what was asked", async () => {
    assert.match(await exchange(handshake("/raw/wrong-accept")), /^HTTP\/1\.1 502 [^]*upstream-malformed/);
    assert.match(await exchange(handshake("/raw/other-protocol")), /^HTTP\/1\.1 502 [^]*upstream-malformed/);
  });

  it("gives the client the upstream's own answer when it declines", async () => {
    assert.match(await exchange(handshake("/raw/declines")), /^HTTP\/1\.1 200 [^]*\r\n\r\nplain$/);
    assert.match(await exchange(handshake("/chat/a").replace("GET", "POST")), /^HTTP\/1\.1 (?:403|426) /);
  });

  it("takes an offer of something else for an ordinary request", async () => {
    assert.match(await exchange(handshake("/raw/x", "", "h2c")), /^HTTP\/1\.1 200 [^]*nothing$/);
  });

  it("loses nothing that comes in one read with the offer, and runs none of it as a request", async () => {
    const early = "GET /chat/smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const taken = await exchange(handshake("/raw/echo", "", "echo") + early, early);
    assert.match(taken, /^HTTP\/1\.1 101 /);
    assert.ok(taken.endsWith(`hi:${early}:bye`), taken);
    const declined = await exchange(handshake("/raw/declines") + early);
    assert.equal(declined.match(/HTTP\/1\.1/g)?.length, 1, declined);
  });

  it("ends one direction and goes on in the other", async () => {
    const text = await exchange(`${handshake("/raw/echo", "", "echo")}ping`, "ping");
    assert.ok(text.endsWith("hi:ping:bye"), text);
  });

  async function session(): Promise<ClientHttp2Session> {
    if (h2 !== undefined) return h2;
    h2 = connectHttp2(gateway.url, { ca: gateway.ca });
    await once(h2, "remoteSettings");
    return h2;
  }

  async function overHttp2(path: string, more: Record<string, string> = {}): Promise<ClientHttp2Stream> {
    const stream = (await session()).request({
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": "https",
      ":path": path,
      ":authority": `localhost:${gateway.port}`,
      "sec-websocket-version": "13",
      ...more,
    });
    stream.on("error", () => {});
    return stream;
  }

  it("carries a WebSocket over HTTP/2, which the upstream sees as one of HTTP/1.1", async () => {
    const stream = await overHttp2("/chat/two", { "sec-websocket-protocol": "chat.v1" });
    const [head] = (await once(stream, "response")) as [Record<string, string>];
    assert.equal(head[":status"], 200);
    assert.equal(head["sec-websocket-protocol"], "chat.v1");
    assert.equal(head["sec-websocket-accept"], undefined);
    assert.equal(head["upgrade"], undefined);
    stream.write(textFrame("over two"));
    const [chunk] = (await once(stream, "data")) as [Buffer];
    assert.equal(chunk.subarray(2).toString(), "over two");
    assert.equal(echo.seen.at(-1)?.httpVersion, "1.1");
    stream.close();
  });

  it("never says 200 to an extended CONNECT that was not taken", async () => {
    for (const [path, status] of [
      ["/none/a", 403],
      ["/raw/declines", 502],
      ["/staff/a", 401],
    ] as const) {
      const stream = await overHttp2(path);
      const [head] = (await once(stream, "response")) as [Record<string, number>];
      assert.equal(head[":status"], status, path);
      stream.resume();
    }
    const plain = (await session()).request({ ":method": "CONNECT", ":authority": "localhost:1" });
    plain.on("error", () => {});
    const [refused] = (await once(plain, "response")) as [Record<string, number>];
    assert.equal(refused[":status"], 405);
  });
});
