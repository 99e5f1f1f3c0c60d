import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
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
  soakSeed,
  startInsideGateway,
  until,
} from "./support.ts";

/** Attackers of each kind; there are seven kinds. */
const each = Math.max(80, scaled(80));
const big = randomBytes(32 * 2 ** 20);

interface Attacker {
  readonly kind: string;
  readonly socket: Socket;
  gone: boolean;
}

describe(`slow clients (seed ${soakSeed})`, () => {
  let upstream: TestUpstream;
  let gateway: InsideGateway;
  const attackers: Attacker[] = [];
  const timers: NodeJS.Timeout[] = [];

  before(async () => {
    upstream = await startUpstream((request, response) => {
      if (request.url === "/big") return void response.end(big);
      request.resume();
      request.on("end", () => response.end("ok"));
      return undefined;
    });
    const limits = "headersTimeout: 8s, bodyIdleTimeout: 8s, idleTimeout: 8s";
    gateway = await startInsideGateway({ definition: publicDefinition(upstream.url, "idleTimeout: 2s", limits) });
  });
  after(async () => {
    for (const timer of timers) clearInterval(timer);
    for (const { socket } of attackers) socket.destroy();
    await gateway.cleanUp();
    await upstream.close();
  });

  function attack(kind: string, socket: Socket): Attacker {
    const attacker: Attacker = { kind, socket, gone: false };
    socket.on("error", () => {});
    socket.on("close", () => {
      attacker.gone = true;
    });
    attackers.push(attacker);
    return attacker;
  }

  /** Writes one more byte every now and then, for as long as it is let. */
  function drip(socket: Socket, text: string): void {
    let at = 0;
    const timer = setInterval(() => {
      if (socket.destroyed || at >= text.length) return clearInterval(timer);
      socket.write(text[at] ?? "");
      return void (at += 1);
    }, 400);
    timers.push(timer);
  }

  const openers: Readonly<Record<string, () => Promise<void>>> = {
    "nothing after connecting": async () => void attack("silent", connectTcp(gateway.port, "127.0.0.1")),
    "nothing after the handshake": async () =>
      void attack("handshake", await openTls(gateway, "http/1.1")).socket.resume(),
    "a header byte by byte": async () => {
      const { socket } = attack("slow header", await openTls(gateway, "http/1.1"));
      socket.resume();
      drip(socket, `GET /echo/x HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"a".repeat(10_000)}`);
    },
    "a body that stops": async () => {
      const { socket } = attack("slow body", await openTls(gateway, "http/1.1"));
      socket.resume();
      socket.write("POST /echo/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nsome");
    },
    "a response that nobody reads": async () => {
      const { socket } = attack("slow read", await openTls(gateway, "http/1.1"));
      socket.pause();
      socket.write("GET /echo/big HTTP/1.1\r\nHost: localhost\r\n\r\n");
    },
    "an HTTP/2 session without a stream": async () =>
      void attack("h2 silent", await openTls(gateway, "h2")).socket.resume(),
    "HTTP/2 bodies and responses that stop": async () => {
      const { socket } = attack("h2 stalled", await openTls(gateway, "h2"));
      const session = connectHttp2(gateway.url, { createConnection: () => socket });
      session.on("error", () => {});
      for (const path of ["/echo/big", "/echo/x"]) {
        const stream = session.request({ ":path": path, ":method": path === "/echo/x" ? "POST" : "GET" });
        stream.on("error", () => {});
        if (path === "/echo/x") stream.write("some");
        else stream.pause();
      }
    },
  };

  it(`serves everybody else while ${each * 7} of them hold on, drops them, and is as before`, async (t) => {
    const pid = gateway.process.pid;
    const client = new KeepAliveClient(gateway, 4);
    for (let at = 0; at < 200; at += 1) assert.equal((await client.get("/echo/x")).status, 200);
    client.close();
    await until("connections of the warm-up are gone", () => socketsOf(pid) <= socketsBare + 2);
    const was = await gateway.heaps();

    let stop = false;
    let normal = 0;
    const failures: string[] = [];
    const ask = async (): Promise<void> => {
      const keep = new KeepAliveClient(gateway, 1);
      const session = await openHttp2(gateway);
      while (!stop) {
        const fresh = new KeepAliveClient(gateway, 1);
        const got = await Promise.all([keep.get("/echo/x"), fresh.get("/echo/x"), getHttp2(session, "/echo/x")]);
        fresh.close();
        normal += got.length;
        for (const { status } of got) if (status !== 200) failures.push(String(status));
        await sleep(20);
      }
      keep.close();
      session.close();
    };
    const load = Promise.all([1, 2, 3].map(() => ask().catch((error: unknown) => void failures.push(String(error)))));

    for (let at = 0; at < each; at += 1) await Promise.all(Object.values(openers).map((open) => open()));
    const most = socketsOf(pid);
    const resident = residentMiB(pid);
    await until("every attacker but the paused readers saw its end", () =>
      attackers.every(({ kind, gone }) => gone || kind === "slow read" || kind === "h2 stalled"),
    );
    stop = true;
    await load;
    assert.deepEqual(failures, []);
    // A paused reader does not notice its end; the gateway's own count tells.
    await until("all connections of attackers are closed", () => socketsOf(pid) <= socketsBare + 2);
    await until("memory is as before", async () => {
      const now = await gateway.heaps();
      return [...now].every(([thread, heap]) => liveMiB(heap) < liveMiB(was.get(thread) ?? heap) + 16);
    });
    const now = await gateway.heaps();
    const shown = [...now].map(
      ([thread, heap]) => `${thread} ${liveMiB(was.get(thread) ?? heap).toFixed(1)} → ${liveMiB(heap).toFixed(1)} MiB`,
    );
    t.diagnostic(
      `${attackers.length} attackers, ${normal} normal requests, ${socketsBare} → ${most} → ${socketsOf(pid)} sockets`,
    );
    t.diagnostic(`live after collection: ${shown.join(", ")}; resident at the peak ${resident.toFixed(0)} MiB`);
  });

  let socketsBare = 0;
  before(() => {
    socketsBare = socketsOf(gateway.process.pid);
  });
});
