import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, before, it } from "node:test";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { EndedConnections } from "#model/connection-ends.ts";
import { makeCa, run, type Running } from "./harness.test.ts";

let running: Running;
let remove: () => Promise<void>;
const told: EndedConnections[] = [];

before(async () => {
  const made = await makeCa();
  remove = made.remove;
  const { chain: certPem, key: keyPem } = await made.ca.issue(["api.test"]);
  running = await run({
    tls: "internal",
    proxyProtocol: ["http"],
    limits: { headersTimeoutMs: 300 },
    edge: {
      certificates: [{ hosts: ["api.test"], certPem, keyPem }],
      onConnectionsEnded: (ended) => void told.push(...ended),
    },
  });
});
after(() => remove());

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

/** Resolves when the gateway has ended it, or has been told that it is over. */
async function plain(bytes: Buffer | string, last: "wait" | "reset", port = running.https): Promise<void> {
  const socket: Socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  if (bytes.length > 0) socket.write(bytes);
  socket.resume();
  if (last === "wait") return closed(socket);
  await sleep(50);
  socket.resetAndDestroy();
  await sleep(50);
}

async function secure(options: ConnectionOptions): Promise<void> {
  const socket = connectTls({
    port: running.https,
    host: "127.0.0.1",
    servername: "api.test",
    rejectUnauthorized: false,
    ...options,
  });
  socket.on("error", () => undefined);
  socket.on("secureConnect", () => socket.write("no request of HTTP/2, and long enough to be seen as such"));
  socket.resume();
  await closed(socket);
}

/** Node says nothing of why it goes; curl does, as browsers do. */
async function declining(...args: readonly string[]): Promise<void> {
  const url = `https://api.test:${running.https}/`;
  const resolve = `api.test:${running.https}:127.0.0.1`;
  await assert.rejects(promisify(execFile)("curl", ["-s", "--noproxy", "*", "--resolve", resolve, ...args, url]));
  await sleep(200);
}

it("counts what ends before a request by what it was, and nothing for those that said nothing", async () => {
  const hello = Buffer.from([0x16, 3, 1, 0, 200, 1]);
  await plain("GET / HTTP/1.1\r\n\r\n", "wait");
  await plain("bytes that are no handshake at all", "wait");
  await plain(hello, "wait");
  await plain(hello, "reset");
  await plain("", "reset");
  await plain("GET / HTTP/1.1\r\n\r\n", "wait", running.http);
  await secure({ maxVersion: "TLSv1.1", minVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" });
  await secure({ ALPNProtocols: ["gopher"] });
  await secure({ servername: "elsewhere.test" });
  await secure({ servername: "elsewhere.test", ALPNProtocols: ["h2"] });
  // In TLS 1.3 it comes behind the handshake, and may be lost when the client closes at once.
  await declining("--tls-max", "1.2");
  await secure({ ALPNProtocols: ["h2"] });
  await running.stop();
  const counts = Object.fromEntries(told.map(({ reason, count }) => [reason, count]));
  assert.deepEqual(counts, {
    "tls-malformed": 2,
    "tls-timeout": 1,
    "client-gone": 1,
    "proxy-refused": 1,
    "tls-unsupported": 1,
    "tls-protocol": 1,
    "tls-name-unknown": 2,
    "tls-certificate-declined": 1,
    "http2-malformed": 1,
  });
  assert.ok(told.every(({ from }) => from === "127.0.0.0/24"));
});

it("counts those that are too many", async () => {
  const ended: EndedConnections[] = [];
  const full = await run({
    limits: { connections: 1 },
    edge: { onConnectionsEnded: (some) => void ended.push(...some) },
  });
  const first = connect(full.http, "127.0.0.1");
  await once(first, "connect");
  await plain("", "wait", full.http);
  first.destroy();
  await full.stop();
  assert.deepEqual(ended, [{ reason: "too-many-connections", from: "127.0.0.0/24", count: 1 }]);
});
