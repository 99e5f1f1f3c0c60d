import assert from "node:assert/strict";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import type { ClientHttp2Session } from "node:http2";
import { request } from "node:https";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { applyText } from "#test/support/admin.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { startWebSocketUpstream, webSocketTo, type WebSocketUpstream } from "#test/support/web-socket.ts";
import { converseOverGrpc, type GrpcEcho, startGrpcEcho } from "./grpc-echo.ts";
import {
  type Dice,
  diceOf,
  getHttp2,
  type InsideGateway,
  KeepAliveClient,
  liveMiB,
  openHttp2,
  residentMiB,
  scaled,
  soakSeed,
  startInsideGateway,
  until,
} from "./support.ts";

const stormMs = scaled(60_000);
/** Then through the file, as an editor or a deployment does: what comes within the wait for an editor is one change. */
const savesMs = scaled(12_000);
const everyMs = 200;
const streams = 50;
const webSockets = 200;
const calls = 50;
/** Enough that a snapshot that is not let go of is seen: each costs some MiB in every thread. */
const fillerApis = 150;

interface Upstreams {
  readonly upstream: string;
  readonly chat: string;
  readonly grpc: string;
}

/** The definition of version `version`; many operations, whose policies and texts differ from version to version. */
function definitionOf({ upstream, chat, grpc }: Upstreams, version: string): string {
  const filler = Array.from(
    { length: fillerApis },
    (_, at) => `  filler${at}:
    path: /filler${at}
    backend: up
    access: [{ allow: 'request.headers["x-a"] == "${version}-${at}"' }]
    operations:
      one: { method: GET, path: "/one/{id}", policies: { inbound: [base, { set-header: { name: X-One, values: ["${version}"] } }] } }
      two: { method: POST, path: "/two/{*rest}", policies: { inbound: [base, { set-header: { name: X-Two, values: ["\${request.path + '${version}'}"] } }] } }
`,
  );
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  chat: { path: /chat, backend: chat, access: [{ allow: 'request.headers["x-a"] == "a" || "${version}" == "none"' }] }
  calls: { path: /calls, backend: grpc, access: [{ allow: 'request.headers["te"] == "trailers" || "${version}" == "none"' }] }
  echo: { path: /echo, backend: up, access: public, policies: { outbound: [base, { set-header: { name: X-Version, values: ["${version}"] } }] } }
${filler.join("")}backends: { up: { url: "${upstream}", maxConnections: 512 }, chat: { url: "${chat}", maxConnections: 512 }, grpc: { url: "${grpc}", protocol: h2c } }
`;
}

const breakers: readonly ((text: string) => string)[] = [
  (text) => text.slice(0, text.length / 2),
  (text) => text.replace("backend: up", "backend: upp"),
  (text) => text.replace("access: public", "acces: public"),
  (text) => text.replaceAll("request.path", "request.path +"),
  (text) => `${text}\n\u0000`,
  () => "",
  () => "version: 99\n",
];

describe(`reload storm (seed ${soakSeed})`, () => {
  let upstream: TestUpstream;
  let chat: WebSocketUpstream;
  let grpc: GrpcEcho;
  let urls: Upstreams;
  let gateway: InsideGateway;
  let endOfStreams = false;

  before(async () => {
    upstream = await startUpstream((incoming, response) => {
      incoming.resume();
      if (incoming.url === "/stream") void trickle(response);
      else response.end("ok");
    });
    chat = await startWebSocketUpstream();
    grpc = await startGrpcEcho();
    urls = { upstream: upstream.url, chat: chat.url, grpc: grpc.url };
    gateway = await startInsideGateway({ definition: definitionOf(urls, "v0") });
  });
  after(async () => {
    endOfStreams = true;
    await gateway.cleanUp();
    await upstream.close();
    chat.close();
    grpc.close();
  });

  /** A numbered line now and then, and a last one that says how many there were. */
  async function trickle(response: ServerResponse): Promise<void> {
    response.writeHead(200, { "content-type": "text/event-stream" });
    let lines = 0;
    while (!endOfStreams && !response.destroyed) {
      response.write(`data: ${(lines += 1)}\n`);
      await sleep(100);
    }
    response.end(`end ${lines}\n`);
  }

  function download(): Promise<string> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: "localhost", port: gateway.port, path: "/echo/stream", ca: gateway.ca, agent: false },
        (response) => {
          let text = "";
          response.setEncoding("latin1").on("data", (chunk: string) => {
            text += chunk;
          });
          response.on("end", () => resolve(text));
          response.on("error", reject);
        },
      );
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  /** Sends a number now and then, until `stop`, and wants it back. @returns how often it came back */
  async function converse(stop: () => boolean): Promise<number> {
    const socket = webSocketTo(gateway, "/chat/room", { "x-a": "a" });
    await once(socket, "open");
    let closed = "";
    socket.on("close", (code) => (closed = `a WebSocket was closed with ${code}`));
    let echoes = 0;
    while (!stop()) {
      const back = once(socket, "message", { signal: AbortSignal.timeout(20_000) });
      socket.send(String(echoes));
      const [data] = (await back.catch(() => {
        throw new Error(closed === "" ? "a WebSocket fell silent" : closed);
      })) as [Buffer];
      if (data.toString() !== String(echoes)) throw new Error("a WebSocket echoed something else");
      echoes += 1;
      await sleep(250);
    }
    if (closed !== "") throw new Error(closed);
    socket.terminate();
    return echoes;
  }

  function write(text: string, replace: boolean): void {
    const file = join(gateway.folder, "sallyport.yaml");
    if (!replace) return writeFileSync(file, text);
    writeFileSync(`${file}.new`, text);
    return renameSync(`${file}.new`, file);
  }

  async function reloads(count: number, label: string): Promise<void> {
    for (let at = 1; at <= count; at += 1) {
      const version = `${label}${at}`;
      write(definitionOf(urls, version), false);
      await until(`version ${version} serves`, async () => (await versions()).join() === version);
    }
  }

  /** What fresh connections see, which come to any worker. */
  async function versions(): Promise<readonly string[]> {
    const clients = Array.from({ length: 8 }, () => new KeepAliveClient(gateway, 1));
    const answers = await Promise.all(clients.map((client) => client.get("/echo/x")));
    for (const client of clients) client.close();
    return [...new Set(answers.map(({ headers }) => String(headers["x-version"])))];
  }

  /** One configuration each 200 ms through the admin API; each fourth is broken. */
  async function applies(
    dice: Dice,
  ): Promise<{ readonly applied: number; readonly refused: number; readonly ms: number }> {
    const end = Date.now() + stormMs;
    let applied = 0;
    let refused = 0;
    let etag: string | undefined;
    let ms = 0;
    for (let at = 1, next = Date.now(); Date.now() < end; at += 1, next += everyMs) {
      const text = definitionOf(urls, `storm${at}`);
      const breaks = at % 4 === 0;
      const started = performance.now();
      const {
        status,
        headers,
        text: answer,
      } = await applyText(gateway, breaks ? dice.pick(breakers)(text) : text, etag);
      assert.equal(status, breaks ? 422 : 200, answer);
      if (breaks) refused += 1;
      else {
        applied += 1;
        etag = String(headers.etag);
        ms += performance.now() - started;
      }
      // One that took longer is not made up for: the next one starts at once.
      next = Math.max(next, Date.now() - everyMs);
      await sleep(Math.max(0, next + everyMs - Date.now()));
    }
    return { applied, refused, ms: ms / applied };
  }

  async function saves(dice: Dice): Promise<number> {
    const end = Date.now() + savesMs;
    let written = 0;
    while (Date.now() < end) {
      const text = definitionOf(urls, `saved${(written += 1)}`);
      write(written % 4 === 0 ? dice.pick(breakers)(text) : text, dice.below(2) === 0);
      await sleep(everyMs);
    }
    return written;
  }

  it("fails no request and cuts no stream, ends on the last definition, and lets the old ones go", async (t) => {
    const dice = diceOf(soakSeed);
    await reloads(6, "warm");
    const atFirst = await gateway.heaps();
    const residentBefore = residentMiB(gateway.process.pid);

    const failures: string[] = [];
    const note = (error: unknown): void => void failures.push(String(error));
    const downloads = Array.from({ length: streams }, download);
    for (const body of downloads) body.catch(note);

    let stop = false;
    let requests = 0;
    let echoes = 0;
    const conversations = Array.from({ length: webSockets }, () =>
      converse(() => stop).then((count) => (echoes += count), note),
    );
    const ask = async (get: () => Promise<{ readonly status: number; readonly text: string }>): Promise<void> => {
      while (!stop) {
        const { status, text } = await get();
        requests += 1;
        if (status !== 200 || text !== "ok") note(`${status} ${text}`);
        await sleep(2);
      }
    };
    const client = new KeepAliveClient(gateway, 6);
    const sessions = await Promise.all(Array.from({ length: 4 }, () => openHttp2(gateway)));
    let messages = 0;
    const called = Array.from({ length: calls }, (_, at) =>
      converseOverGrpc(sessions[at % sessions.length] as ClientHttp2Session, "/calls/echo", () => stop).then(
        (count) => (messages += count),
        note,
      ),
    );
    const load = [
      ...Array.from({ length: 6 }, () => ask(() => client.get("/echo/x")).catch(note)),
      ...sessions.flatMap((session) => [1, 2].map(() => ask(() => getHttp2(session, "/echo/x")).catch(note))),
    ];

    const applied = await applies(dice);
    const saved = await saves(dice);
    write(definitionOf(urls, "last"), true);
    await until("the last definition serves on every worker", async () => (await versions()).join() === "last");
    stop = true;
    await Promise.all([...load, ...conversations, ...called]);
    endOfStreams = true;
    for (const text of await Promise.all(downloads)) {
      const lines = text.split("\n");
      const [, count] = /^end (\d+)$/.exec(lines.at(-2) ?? "") ?? [];
      assert.equal(lines.length, Number(count) + 2, "the stream is whole");
    }
    assert.deepEqual(failures, []);
    for (const session of sessions) session.close();
    client.close();

    const reloaded = gateway.output().split('"message":"reloaded"').length - 1;
    const refused = gateway.output().split("reload refused").length - 1;
    const perSecond = applied.applied / (stormMs / 1000);
    // The same number of quiet reloads, so that what is kept for good reason (caches of code) is the same as before.
    await reloads(3, "calm");
    const atLast = await gateway.heaps();
    const changes = [...atLast].map(([thread, heap]) => {
      const was = liveMiB(atFirst.get(thread) ?? heap);
      return { thread, was, now: liveMiB(heap) };
    });
    const shown = changes
      .map(({ thread, was, now }) => `${thread} ${was.toFixed(1)} → ${now.toFixed(1)} MiB`)
      .join(", ");
    t.diagnostic(
      `${requests} requests over HTTP/1.1 and HTTP/2, ${echoes} echoes over ${webSockets} WebSockets, ${messages} messages over ${calls} gRPC calls, ${streams} event streams: ${failures.length} failed or cut`,
    );
    t.diagnostic(
      `${applied.applied} configurations applied in ${stormMs / 1000} s (${perSecond.toFixed(1)} a second, ${applied.ms.toFixed(0)} ms each), ${applied.refused} broken ones refused; ${saved} saved to the file: ${reloaded} reloads, ${refused} refused`,
    );
    t.diagnostic(
      `live after collection: ${shown}; resident ${residentBefore.toFixed(0)} → ${residentMiB(gateway.process.pid).toFixed(0)} MiB`,
    );
    for (const [thread, { linked }] of atLast) assert.ok(linked <= 1, `${thread} holds ${linked} definitions`);
    assert.ok(applied.applied >= scaled(12), `only ${applied.applied} configurations were applied`);
    assert.ok(applied.refused >= 1 && refused >= 1, "no broken definition was read");
    for (const { thread, was, now } of changes) assert.ok(now < was * 1.3 + 6, `${thread} kept memory: ${shown}`);
  });
});
