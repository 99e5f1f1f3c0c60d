import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  diceOf,
  type InsideGateway,
  openHttp2,
  publicDefinition,
  residentMiB,
  scaled,
  socketsOf,
  soakSeed,
  startInsideGateway,
  until,
} from "./support.ts";

/** One piece, sent over and over from a place that moves, so that no two places of a body are alike. */
const piece = randomBytes(1_000_003);
const bodyBytes = scaled(200) * 2 ** 20;
/** More than a client has sent before its request. */
const handshakeBytes = 2000;
/** Far above what flow control needs for all of them, far below one body. */
const residentBound = 350;

function* bodyOf(bytes: number): Generator<Buffer> {
  for (let left = bytes, turn = 0; left > 0; turn += 1) {
    const from = (turn * 7919) % 900_000;
    const part = piece.subarray(from, from + Math.min(left, 65_536));
    left -= part.byteLength;
    yield part;
  }
}

function digestOf(bytes: number): string {
  const hash = createHash("sha1");
  for (const part of bodyOf(bytes)) hash.update(part);
  return hash.digest("hex");
}

interface Sink {
  write(chunk: Uint8Array): boolean;
  once(event: "drain" | "close", listener: () => void): unknown;
  off(event: "drain" | "close", listener: () => void): unknown;
  end(): unknown;
  readonly destroyed: boolean;
}

async function send(sink: Sink, bytes: number): Promise<void> {
  for (const part of bodyOf(bytes)) {
    if (sink.destroyed) return;
    if (sink.write(part)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        sink.off("drain", go);
        sink.off("close", go);
        resolve();
      };
      sink.once("drain", go);
      sink.once("close", go);
    });
  }
  sink.end();
}

/** What the upstream knows of the requests it was given. */
interface Counts {
  begun: number;
  whole: number;
  broken: number;
}

describe(`large bodies (seed ${soakSeed})`, () => {
  let server: Server;
  let gateway: InsideGateway;
  let socketsBare = 0;
  const counts: Counts = { begun: 0, whole: 0, broken: 0 };

  before(async () => {
    server = createServer((incoming, response) => {
      counts.begun += 1;
      incoming.on("error", () => {});
      // Whatever way it ends, both sides are over when the response is closed.
      response.on("close", () => {
        if (response.writableFinished && incoming.complete) counts.whole += 1;
        else counts.broken += 1;
      });
      if (incoming.method === "GET") {
        response.writeHead(200, incoming.url === "/length" ? { "content-length": bodyBytes } : {});
        return void send(response, bodyBytes);
      }
      const hash = createHash("sha1");
      incoming.on("data", (chunk: Buffer) => hash.update(chunk));
      incoming.on("end", () => response.end(hash.digest("hex")));
      return undefined;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const limits = "bodySize: 2GiB, idleTimeout: 5s";
    gateway = await startInsideGateway({ definition: publicDefinition(url, "idleTimeout: 2s", limits) });
    socketsBare = socketsOf(gateway.process.pid);
  });
  after(async () => {
    await gateway.cleanUp();
    server.closeAllConnections();
    server.close();
  });

  const place = (path: string, method: string) =>
    ({ host: "localhost", port: gateway.port, path, method, ca: gateway.ca, agent: false }) as const;

  function download(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const outgoing = request(place(path, "GET"), (response) => {
        const hash = createHash("sha1");
        response.on("data", (chunk: Buffer) => hash.update(chunk));
        response.on("error", reject);
        response.on("end", () => resolve(hash.digest("hex")));
      });
      outgoing.on("error", reject);
      outgoing.end();
    });
  }

  function upload(length: boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { ...place("/echo/up", "POST"), headers: length ? { "content-length": bodyBytes } : {} };
      const outgoing = request(options, (response) => {
        let text = "";
        response.setEncoding("latin1").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("error", reject);
        response.on("end", () => resolve(text));
      });
      outgoing.on("error", reject);
      void send(outgoing, bodyBytes);
    });
  }

  async function overHttp2(method: "GET" | "POST"): Promise<string> {
    const session = await openHttp2(gateway);
    const stream = session.request({ ":path": "/echo/h2", ":method": method }, { endStream: method === "GET" });
    const hash = createHash("sha1");
    let text = "";
    stream.on("data", (chunk: Buffer) => {
      if (method === "GET") hash.update(chunk);
      else text += chunk.toString();
    });
    if (method === "POST") void send(stream, bodyBytes);
    await new Promise<void>((resolve, reject) => {
      stream.on("error", reject);
      stream.on("end", resolve);
    });
    session.close();
    return method === "GET" ? hash.digest("hex") : text;
  }

  /** Goes away after so many bytes, or before the first. */
  function breakOff(method: "GET" | "POST", afterBytes: number): Promise<void> {
    return new Promise((resolve) => {
      let moved = 0;
      const outgoing = request(place("/echo/length", method), (response) => {
        response.on("error", () => {});
        response.on("data", (chunk: Buffer) => {
          moved += chunk.byteLength;
          if (moved >= afterBytes) outgoing.destroy();
        });
      });
      outgoing.on("error", () => {});
      outgoing.on("close", () => resolve());
      if (method === "GET") outgoing.end();
      else {
        void send(outgoing, bodyBytes);
        void (async () => {
          while (!outgoing.destroyed && (outgoing.socket?.bytesWritten ?? 0) < handshakeBytes + afterBytes)
            await sleep(2);
          outgoing.destroy();
        })();
      }
    });
  }

  const idle = (): Promise<void> =>
    until("no socket is left over", () => socketsOf(gateway.process.pid) <= socketsBare + 2);

  it("carries them both ways, many at once, unaltered, in bounded memory", async (t) => {
    const expected = digestOf(bodyBytes);
    let peak = 0;
    const resident = residentMiB(gateway.process.pid);
    const watch = setInterval(() => {
      peak = Math.max(peak, residentMiB(gateway.process.pid));
    }, 50);
    const digests = await Promise.all([
      download("/echo/length"),
      download("/echo/chunked"),
      upload(true),
      upload(false),
      overHttp2("GET"),
      overHttp2("POST"),
    ]);
    clearInterval(watch);
    assert.deepEqual([...new Set(digests)], [expected]);
    t.diagnostic(`6 × ${bodyBytes / 2 ** 20} MiB; resident ${resident.toFixed(0)} → at most ${peak.toFixed(0)} MiB`);
    assert.ok(peak < resident + residentBound, `resident memory grew to ${peak} MiB`);
    await idle();
  });

  it("tells the upstream of every client that breaks off, and keeps no socket", async (t) => {
    const dice = diceOf(soakSeed);
    const clients = scaled(300);
    const started = { ...counts };
    const peaks: number[] = [];
    for (let done = 0; done < clients; done += 30) {
      const count = Math.min(30, clients - done);
      await Promise.all(
        Array.from({ length: count }, () =>
          breakOff(dice.pick(["GET", "POST"]), 1 + dice.below(2 ** dice.between(1, 23))),
        ),
      );
      peaks.push(residentMiB(gateway.process.pid));
    }
    const since = (): Counts => ({
      begun: counts.begun - started.begun,
      whole: counts.whole - started.whole,
      broken: counts.broken - started.broken,
    });
    await until("the upstream has seen the end of all it saw begin", () => since().broken === since().begun);
    await idle();
    const { begun, whole, broken } = since();
    assert.equal(whole, 0);
    assert.ok(broken > clients / 4, "most of them got as far as the upstream");
    t.diagnostic(`${clients} broken off, ${begun} of them reached the upstream, which saw ${broken} ends`);
    t.diagnostic(`resident at most ${Math.max(...peaks).toFixed(0)} MiB`);
    assert.equal(await gateway.stop(), 0);
  });
});
