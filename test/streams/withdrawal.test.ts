import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import {
  type ClientHttp2Session,
  connect as connectHttp2,
  createServer as createHttp2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type TokenIssuer, startIssuer } from "#test/security/token-issuer.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startWebSocketUpstream, textFrame, webSocketTo, type WebSocketUpstream } from "#test/support/web-socket.ts";

const key = "sp_withdrawn_0123456789abcdef0123456789";

/** A gRPC service in its frames: calls that send a message from time to time, and never end by themselves. */
async function startCalls(): Promise<{ readonly url: string; close(): void }> {
  const message = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);
  const sessions = new Set<ServerHttp2Session>();
  const server = createHttp2Server();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream: ServerHttp2Stream) => {
    stream.on("error", () => {});
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    const timer = setInterval(() => stream.write(message), 50);
    stream.on("close", () => clearInterval(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** One open exchange, of whatever kind, as its client sees it. */
interface Open {
  readonly id: string;
  /** Something comes over it, in answer to what is sent or by itself. */
  lives(): Promise<boolean>;
  /** How it ended, and at what time; undefined while it goes on. */
  ended(): { readonly how: string; readonly at: number } | undefined;
  close(): void;
}

interface Parts {
  readonly narrowed?: boolean;
  readonly gone?: boolean;
  readonly state?: "active" | "suspended";
  readonly upgrades?: boolean;
}

describe("exchanges that last, and what a reload takes back", () => {
  let echo: WebSocketUpstream;
  let events: TestUpstream;
  let calls: { readonly url: string; close(): void };
  let issuer: TokenIssuer;
  let gateway: TestGateway;
  let h2: ClientHttp2Session;

  const definition = ({ narrowed = false, gone = false, state = "active", upgrades = true }: Parts): string =>
    `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity: { providers: { local: { issuer: "${issuer.url}", audiences: ["api://test"], clockSkew: 0s } } }
apis:
  open: { path: /open, backend: chat, access: public }
  openCalls: { path: /open-calls, backend: calls, access: public }
  openEvents: { path: /open-events, backend: events, access: public }
  narrow: { path: /narrow, backend: chat, access: [{ allow: 'request.headers["x-a"] == "${narrowed ? "two" : "one"}"' }] }
  narrowEvents: { path: /narrow-events, backend: events, access: [{ allow: 'request.headers["x-a"] == "${narrowed ? "two" : "one"}"' }] }
  narrowCalls: { path: /narrow-calls, backend: calls, access: [{ allow: 'request.headers["x-a"] == "${narrowed ? "two" : "one"}"' }] }
  plain: { path: /plain, backend: chat, access: public, upgrades: ${upgrades ? "[websocket]" : "[]"} }
  keyed: { path: /keyed, backend: chat }
  keyedCalls: { path: /keyed-calls, backend: calls }
  keyedEvents: { path: /keyed-events, backend: events }
  tokened: { path: /tokened, backend: chat, access: [{ allow: 'principal.kind != "anonymous"' }] }
  ${gone ? "" : "gone: { path: /gone, backend: chat, access: public }"}
  ${gone ? "" : "goneCalls: { path: /gone-calls, backend: calls, access: public }"}
  ${gone ? "" : "goneEvents: { path: /gone-events, backend: events, access: public }"}
backends: { chat: { url: "${echo.url}" }, events: { url: "${events.url}" }, calls: { url: "${calls.url}", protocol: h2c } }
products: { basic: { apis: [keyed, keyedEvents, keyedCalls], subscription: key } }
subscriptions: { one: { product: basic, key: { env: KEY }, state: ${state} } }
`;

  before(async () => {
    echo = await startWebSocketUpstream();
    issuer = await startIssuer();
    events = await startUpstream((incoming, response) => {
      incoming.resume();
      response.writeHead(200, { "content-type": "text/event-stream" });
      const timer = setInterval(() => response.write("data: tick\n\n"), 50);
      response.on("close", () => clearInterval(timer));
    });
    calls = await startCalls();
    gateway = await startTestGateway({ definition: definition({}), env: { KEY: key }, args: ["--workers", "2"] });
    h2 = connectHttp2(gateway.url, { ca: gateway.ca });
    h2.on("error", () => {});
    await once(h2, "remoteSettings");
  });
  after(async () => {
    h2.destroy();
    await gateway.cleanUp();
    await events.close();
    calls.close();
    await issuer.close();
    echo.close();
  });

  async function reload(parts: Parts): Promise<number> {
    const count = gateway.output().split('"reloaded"').length;
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(parts));
    for (let tries = 0; gateway.output().split('"reloaded"').length === count; tries += 1) {
      assert.ok(tries < 500, gateway.output());
      await sleep(10);
    }
    return Date.now();
  }

  async function webSocket(path: string, headers: Record<string, string> = {}): Promise<Open> {
    const socket = webSocketTo(gateway, path, headers);
    let end: { how: string; at: number } | undefined;
    socket.on("close", (code, reason) => (end = { how: `${code} ${reason.toString()}`, at: Date.now() }));
    const [[response]] = (await Promise.all([once(socket, "upgrade"), once(socket, "open")])) as unknown as [
      [{ headers: Record<string, string> }],
    ];
    let heard = 0;
    socket.on("message", () => (heard += 1));
    return {
      id: String(response.headers["x-request-id"]),
      lives: async () => {
        const had = heard;
        if (end === undefined) socket.send("ping");
        return becomes(() => heard > had);
      },
      ended: () => end,
      close: () => socket.terminate(),
    };
  }

  /** What the close frame says that a server ends a WebSocket with; its frames have no mask, and are short here. */
  function closeFrame(bytes: Buffer): string {
    for (let at = 0; at + 1 < bytes.length; at += 2 + (bytes[at + 1] as number)) {
      if (bytes[at] !== 0x88) continue;
      const payload = bytes.subarray(at + 2, at + 2 + (bytes[at + 1] as number));
      return `${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`;
    }
    return "no close frame";
  }

  function listening(chunks: NodeJS.EventEmitter, id: string, close: () => void, nudge: () => void): Open {
    let heard = 0;
    let end: { how: string; at: number } | undefined;
    let error = "";
    chunks.on("data", () => (heard += 1));
    // What a gRPC client goes by, whatever else.
    chunks.on("trailers", (trailers: Record<string, string>) => {
      error = `grpc ${trailers["grpc-status"]} ${trailers["grpc-message"]}`;
    });
    chunks.on("error", (problem: NodeJS.ErrnoException) => (error = problem.code ?? problem.message));
    chunks.on("close", () => (end = { how: error === "" ? "clean" : error, at: Date.now() }));
    const lives = async (): Promise<boolean> => {
      const had = heard;
      if (end === undefined) nudge();
      return becomes(() => heard > had);
    };
    return { id, lives, ended: () => end, close };
  }

  async function eventStream(path: string, headers: Record<string, string> = {}): Promise<Open> {
    const outgoing = request({ host: "localhost", port: gateway.port, path, headers, ca: gateway.ca, agent: false });
    outgoing.on("error", () => {});
    outgoing.end();
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    assert.equal(response.statusCode, 200, path);
    return listening(
      response,
      String(response.headers["x-request-id"]),
      () => outgoing.destroy(),
      () => {},
    );
  }

  async function overHttp2(
    headers: Record<string, string>,
    nudge?: Buffer,
    heard: (chunk: Buffer) => void = () => {},
  ): Promise<Open> {
    const stream = h2.request(headers, { endStream: nudge === undefined });
    stream.on("data", heard);
    const [head] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(head[":status"], 200);
    const close = (): void => stream.close();
    return listening(stream, String(head["x-request-id"]), close, () => nudge && stream.write(nudge));
  }

  const eventsOverHttp2 = (path: string, more: Record<string, string> = {}): Promise<Open> =>
    overHttp2({ ":path": path, ...more });
  const callOverHttp2 = (path: string, more: Record<string, string> = {}): Promise<Open> =>
    overHttp2(
      { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers", ...more },
      Buffer.from([0, 0, 0, 0, 0]),
    );
  async function webSocketOverHttp2(path: string, more: Record<string, string> = {}): Promise<Open> {
    const received: Buffer[] = [];
    const open = await overHttp2(
      {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":scheme": "https",
        ":authority": `localhost:${gateway.port}`,
        ":path": path,
        "sec-websocket-version": "13",
        ...more,
      },
      textFrame("ping"),
      (chunk) => received.push(chunk),
    );
    const ended = (): ReturnType<Open["ended"]> => {
      const end = open.ended();
      return end && { ...end, how: closeFrame(Buffer.concat(received)) };
    };
    return { ...open, ended };
  }

  async function becomes(holds: () => boolean, forMs = 3000): Promise<boolean> {
    for (const end = Date.now() + forMs; !holds(); await sleep(5)) if (Date.now() > end) return false;
    return true;
  }

  async function all(path: string, headers: Record<string, string> = {}): Promise<Open[]> {
    return Promise.all([
      webSocket(path, headers),
      webSocketOverHttp2(path, headers),
      eventStream(`${path}-events`, headers),
      eventsOverHttp2(`${path}-events`, headers),
      callOverHttp2(`${path}-calls`, headers),
    ]);
  }

  async function endWithin(withdrawn: readonly Open[], since: number): Promise<void> {
    for (const open of withdrawn) assert.ok(await becomes(() => open.ended() !== undefined), "it still goes on");
    const ends = withdrawn.map((open) => open.ended());
    const [socket, socketOverHttp2, stream, streamOverHttp2, call] = ends;
    for (const end of ends) {
      assert.ok((end?.at ?? Infinity) - since < 1000, `${(end?.at ?? Infinity) - since} ms`);
    }
    assert.equal(socket?.how, "1008 access-withdrawn");
    assert.equal(socketOverHttp2?.how, "1008 access-withdrawn");
    assert.notEqual(stream?.how, "clean");
    assert.notEqual(streamOverHttp2?.how, "clean");
    assert.match(call?.how ?? "", /^grpc (?:7|12|16) access-withdrawn$/);
  }

  async function recordedWith(open: Open, reason: RegExp): Promise<void> {
    let text = "";
    for (let tries = 0; tries < 30; tries += 1) {
      text = (await runCli(["explain", open.id, "--data", gateway.data])).stdout;
      if (/access-withdrawn/.test(text) && reason.test(text)) return;
      await sleep(100);
    }
    assert.fail(`not on record: ${reason}\n${text}`);
  }

  const cases: readonly (readonly [string, string, Record<string, string>, Parts, RegExp])[] = [
    [
      "an access rule that is made narrower",
      "/narrow",
      { "x-a": "one" },
      { narrowed: true },
      /access-denied|token-missing|identity/,
    ],
    ["an API that is removed", "/gone", {}, { gone: true }, /route-not-found/],
    ["a key that is suspended", "/keyed", { "Ocp-Apim-Subscription-Key": key }, { state: "suspended" }, /key-invalid/],
  ];
  for (const [what, path, headers, parts, reason] of cases) {
    it(`ends what is withdrawn by ${what}, and nothing else`, async () => {
      const others = await all("/open");
      const withdrawn = await all(path, headers);
      for (const open of [...others, ...withdrawn]) assert.ok(await open.lives());
      await endWithin(withdrawn, await reload(parts));
      for (const open of others) {
        assert.ok(await open.lives(), "an exchange that is still allowed was cut");
        open.close();
      }
      await recordedWith(withdrawn[0] as Open, reason);
      await recordedWith(withdrawn[3] as Open, reason);
      await reload({});
    });
  }

  it("ends a switched connection whose operation takes no upgrades any more", async () => {
    const socket = await webSocket("/plain");
    await reload({ upgrades: false });
    assert.ok(await becomes(() => socket.ended() !== undefined));
    assert.equal(socket.ended()?.how, "1008 access-withdrawn");
    await reload({});
  });

  it("ends what was let in by a token within a second of its expiry", async () => {
    const exp = Math.ceil(Date.now() / 1000) + 2;
    const token = await issuer.token({ exp });
    const socket = await webSocket("/tokened", { authorization: `Bearer ${token}` });
    assert.ok(await socket.lives());
    assert.ok(await becomes(() => socket.ended() !== undefined, 6000));
    assert.equal(socket.ended()?.how, "1008 access-withdrawn");
    const late = (socket.ended()?.at ?? 0) - exp * 1000;
    assert.ok(late >= 0 && late < 1000, `${late} ms after the expiry`);
    await recordedWith(socket, /token-expired/);
  });
});
