import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { socketsOf, startInsideGateway, until } from "./support.ts";

/**
 * Runs in a network of its own: one attack of `slowhttptest` against a gateway, while others ask. Prints what was
 * measured, as JSON. Arguments: the number of attackers, how many seconds, then the tool's options.
 */
const [count = "", duration = "", ...options] = process.argv.slice(2);
const attackers = Number(count);
const seconds = Number(duration);

export interface Measured {
  /** Milliseconds of the slowest hundredth, without and with the attack. */
  readonly quiet: number;
  readonly attacked: number;
  readonly requests: number;
  /** Sockets of the gateway, at most. */
  readonly held: number;
}

/** In a thread of its own: two thousand uploads would delay whoever measures. */
const upstreamSource = `
const { createServer } = require("node:http");
const server = createServer((request, response) => request.resume().on("end", () => response.end("ok")));
server.listen(0, "127.0.0.1", () => require("node:worker_threads").parentPort.postMessage(server.address().port));
`;

function statusOf(agent: Agent, url: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode));
      response.on("error", reject);
    });
    request.on("error", reject);
  });
}

/** Requests at a steady pace on kept connections: each one's time in milliseconds, shortest first. */
async function timesOf(url: string, forMs: number): Promise<readonly number[]> {
  const times: number[] = [];
  const ends = Date.now() + forMs;
  const asker = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (Date.now() < ends) {
      const started = performance.now();
      assert.equal(await statusOf(agent, url), 200);
      times.push(performance.now() - started);
      await sleep(40);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: 8 }, asker));
  return times.toSorted((a, b) => a - b);
}

function slowestHundredth(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

function attack(url: string): ChildProcess {
  const path = options.includes("-X") ? "/slow/big" : options.includes("-B") ? "/upload" : "/quick";
  const load = ["-c", count, "-r", "200", "-l", String(seconds + 10), "-p", "3"];
  return spawn("slowhttptest", [...options, ...load, "-u", `${url}${path}`], { stdio: "ignore" });
}

const folder = mkdtempSync(join(tmpdir(), "sallyport-slow-"));
writeFileSync(join(folder, "big"), randomBytes(4 * 2 ** 20));
const upstream = new Worker(upstreamSource, { eval: true });
const [upstreamPort] = (await once(upstream, "message")) as [number];
// In clear text: the tool's handshakes would take a good part of the same cores. What is measured has no upstream:
// its share of the machine would be measured with the gateway's.
const gateway = await startInsideGateway({
  definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  quick: { path: /quick, access: public, respond: { status: 200, body: ok } }
  slow: { path: /slow, access: public, files: { root: ${folder} } }
  upload: { path: /upload, access: public, backend: up }
backends: { up: { url: "http://127.0.0.1:${upstreamPort}", maxConnections: 2048 } }
`,
});
try {
  const asked = `${gateway.url}/quick`;
  await timesOf(asked, 2000);
  const quiet = slowestHundredth(await timesOf(asked, 6000));
  const tool = attack(gateway.url);
  const ended = once(tool, "exit");
  // Of all of them: the gateway drops the first while the tool still opens the last.
  await until("hundreds of attackers are there", () => socketsOf(gateway.process.pid) > attackers / 4, 60_000);
  let held = 0;
  const watch = setInterval(() => (held = Math.max(held, socketsOf(gateway.process.pid))), 200);
  const times = await timesOf(asked, seconds * 1000);
  clearInterval(watch);
  tool.kill();
  await ended;
  const measured: Measured = { quiet, attacked: slowestHundredth(times), requests: times.length, held };
  process.stdout.write(`${JSON.stringify(measured)}\n`);
} finally {
  await gateway.cleanUp();
  await upstream.terminate();
  rmSync(folder, { recursive: true, force: true });
}
