import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { endHeaders, endStream, frame, frameType, literal, number32, preface, requestFields } from "./h2-frames.ts";
import {
  getHttp2,
  type InsideGateway,
  KeepAliveClient,
  liveMiB,
  openHttp2,
  openTls,
  publicDefinition,
  residentMiB,
  scaled,
  socketsOf,
  startInsideGateway,
  until,
} from "./support.ts";

const connections = scaled(20);
/** A flood that is not stopped goes on to this much; nobody needs as much for work. */
const floodFrames = 400_000;
const residentBound = 400;

interface Flood {
  /** The client takes nothing of what is sent back. */
  readonly deaf?: boolean;
  /** Sent first. */
  readonly opening?: Buffer;
  /** The frames of turn `at`. */
  readonly turn: (at: number, authority: string) => Buffer;
}

const streamOf = (at: number): number => 2 * at + 1;
const request = (at: number, authority: string, flags: number, path = "/echo/x"): Buffer =>
  frame(frameType.headers, flags, streamOf(at), requestFields(authority, path));

const floods: Readonly<Record<string, Flood>> = {
  "rapid reset (CVE-2023-44487)": {
    turn: (at, authority) =>
      Buffer.concat([
        request(at, authority, endHeaders | endStream),
        frame(frameType.reset, 0, streamOf(at), number32(8)),
      ]),
  },
  "resets that the server is made to send (CVE-2025-8671)": {
    turn: (at, authority) =>
      Buffer.concat([request(at, authority, endHeaders), frame(frameType.windowUpdate, 0, streamOf(at), number32(0))]),
  },
  "more streams than allowed, never ended": {
    turn: (at, authority) => request(at, authority, endHeaders, "/echo/hang"),
  },
  "endless continuation (CVE-2024-27316)": {
    opening: frame(frameType.headers, 0, 1, requestFields("localhost", "/echo/x")),
    turn: () => frame(frameType.continuation, 0, 1, literal("x-filler", "a".repeat(100))),
  },
  // Node ends the whole process over what such a flood leaves in memory, where a read brings more than TLS lets it.
  "endless continuation of the trailers": {
    opening: Buffer.concat([
      frame(frameType.headers, endHeaders, 1, requestFields("localhost", "/echo/hang")),
      frame(frameType.headers, endStream, 1, literal("x-first", "1")),
    ]),
    turn: () => frame(frameType.continuation, 0, 1, literal("x-filler", "a".repeat(100))),
  },
  "pings whose answers nobody takes (CVE-2019-9512)": {
    deaf: true,
    turn: () => frame(frameType.ping, 0, 0, new Uint8Array(8)),
  },
  "settings whose answers nobody takes (CVE-2019-9515)": {
    deaf: true,
    turn: () => frame(frameType.settings, 0, 0),
  },
  "empty data frames (CVE-2019-9518)": {
    opening: frame(frameType.headers, endHeaders, 1, requestFields("localhost", "/echo/hang")),
    turn: () => frame(frameType.data, 0, 1),
  },
  "responses into a window that stays shut (CVE-2019-9517)": {
    deaf: true,
    opening: frame(frameType.settings, 0, 0, Buffer.concat([Buffer.from([0, 4]), number32(0)])),
    turn: (at, authority) => request(at, authority, endHeaders | endStream),
  },
};

/** First byte of the first header block in the frames; 0 before there is one. */
function statusOf(frames: Buffer): number {
  for (let at = 0; at + 9 < frames.length; at += 9 + frames.readUIntBE(at, 3)) {
    if (frames[at + 3] === frameType.headers) return frames[at + 9] ?? 0;
  }
  return 0;
}

describe("HTTP/2 floods", () => {
  let upstream: TestUpstream;
  let gateway: InsideGateway;
  let socketsBare = 0;

  before(async () => {
    upstream = await startUpstream((incoming, response) => {
      incoming.resume();
      if (incoming.url !== "/hang") response.end("ok");
    });
    const limits = "headersTimeout: 3s, bodyIdleTimeout: 3s, idleTimeout: 3s";
    gateway = await startInsideGateway({ definition: publicDefinition(upstream.url, "idleTimeout: 2s", limits) });
    socketsBare = socketsOf(gateway.process.pid);
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  /** Sends until the gateway ends the connection or all is sent. @returns frames sent */
  async function flood({ opening, turn, deaf }: Flood): Promise<number> {
    const socket: TLSSocket = await openTls(gateway, "h2");
    const authority = `localhost:${gateway.port}`;
    let over = false;
    socket.on("close", () => {
      over = true;
    });
    if (deaf === true) socket.pause();
    else socket.resume();
    socket.write(Buffer.concat([preface, frame(frameType.settings, 0, 0), opening ?? Buffer.alloc(0)]));
    let sent = 0;
    const end = Date.now() + 20_000;
    while (!over && !socket.destroyed && sent < floodFrames && Date.now() < end) {
      const batch: Buffer[] = [];
      for (let at = 0; at < 50; at += 1) batch.push(turn(sent + at, authority));
      sent += 50;
      if (socket.write(Buffer.concat(batch))) await sleep(0);
      else await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), sleep(200)]);
    }
    const ended = (): boolean => over || socket.destroyed;
    for (let tries = 0; tries < 100 && !ended(); tries += 1) await sleep(100);
    const closed = ended();
    socket.destroy();
    return closed ? sent : -sent;
  }

  it("understands the frames that the floods are made of", async () => {
    const socket = await openTls(gateway, "h2");
    const start = Buffer.concat([preface, frame(frameType.settings, 0, 0)]);
    socket.write(Buffer.concat([start, request(0, `localhost:${gateway.port}`, endHeaders | endStream)]));
    let received = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    // `:status 200` is one byte of the static table, the first of the response's header block.
    await until("it is answered", () => statusOf(received) === 0x88);
    socket.destroy();
  });

  for (const [name, kind] of Object.entries(floods)) {
    it(`ends ${name}, serves the others, and gives the memory back`, async (t) => {
      const pid = gateway.process.pid;
      const was = await gateway.heaps();
      const resident = residentMiB(pid);
      let peak = resident;
      let stop = false;
      let normal = 0;
      const failures: string[] = [];
      const client = new KeepAliveClient(gateway, 2);
      const session = await openHttp2(gateway);
      const ask = async (): Promise<void> => {
        while (!stop) {
          const got = await Promise.all([client.get("/echo/x"), getHttp2(session, "/echo/x")]);
          for (const { status, text } of got) if (status !== 200) failures.push(`${status} ${text}`);
          normal += got.length;
          peak = Math.max(peak, residentMiB(pid));
          await sleep(10);
        }
      };
      const load = ask().catch((error: unknown) => void failures.push(String(error)));
      const results = await Promise.all(Array.from({ length: connections }, () => flood(kind)));
      stop = true;
      await load;
      client.close();
      session.close();
      assert.deepEqual(failures, []);
      const stood = results.filter((sent) => sent < 0).length;
      await until("all connections are gone", () => socketsOf(pid) <= socketsBare + 2);
      await until("memory is back", async () => {
        const now = await gateway.heaps();
        return [...now].every(([thread, heap]) => liveMiB(heap) < liveMiB(was.get(thread) ?? heap) + 16);
      });
      const frames = results.map(Math.abs);
      t.diagnostic(
        `${connections} connections, ${Math.min(...frames)} to ${Math.max(...frames)} turns each, ${stood} not ended by the gateway; ${normal} normal requests; resident ${resident.toFixed(0)} → at most ${peak.toFixed(0)} MiB`,
      );
      assert.equal(stood, 0, "the gateway ended each of them");
      assert.ok(peak < resident + residentBound, `resident memory grew to ${peak} MiB`);
    });
  }
});
