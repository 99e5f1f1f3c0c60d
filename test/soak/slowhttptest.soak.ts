import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { type InsideGateway, socketsOf, startInsideGateway, until } from "./support.ts";

const attackers = 2000;
const seconds = 12;

const attacks: Readonly<Record<string, readonly string[]>> = {
  "slow headers": ["-H", "-i", "2", "-x", "24"],
  "slow body": ["-B", "-i", "2", "-s", "100000", "-x", "10"],
  "slow read": ["-X", "-n", "2", "-w", "64", "-y", "512", "-z", "32"],
};

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

/** The usual tool for slow-client attacks against the gateway, while others are served. */
describe("slowhttptest", needsCommand("slowhttptest"), () => {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-slow-"));
  let upstream: TestUpstream;
  let gateway: InsideGateway;

  before(async () => {
    writeFileSync(join(folder, "big"), randomBytes(4 * 2 ** 20));
    upstream = await startUpstream((request, response) => {
      request.resume();
      request.on("end", () => response.end("ok"));
    });
    // In clear text: the tool's 2,000 handshakes would take a good part of the same two cores.
    // What is measured has no upstream: its share of the machine would be measured with the gateway's.
    gateway = await startInsideGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  quick: { path: /quick, access: public, respond: { status: 200, body: ok } }
  slow: { path: /slow, access: public, files: { root: ${folder} } }
  upload: { path: /upload, access: public, backend: up }
backends: { up: { url: "${upstream.url}", maxConnections: 2048 } }
`,
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Requests at a steady pace, on kept connections and on new ones: each one's time, in milliseconds. */
  async function measured(forMs: number): Promise<readonly number[]> {
    const times: number[] = [];
    const ends = Date.now() + forMs;
    const asker = async (): Promise<void> => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      while (Date.now() < ends) {
        const started = performance.now();
        assert.equal(await statusOf(agent, `${gateway.url}/quick`), 200);
        times.push(performance.now() - started);
        await sleep(40);
      }
      agent.destroy();
    };
    await Promise.all(Array.from({ length: 8 }, asker));
    return times.toSorted((a, b) => a - b);
  }

  function percentile(sorted: readonly number[], share: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  }

  function attack(options: readonly string[]): ChildProcess {
    const path = options.includes("-X") ? "/slow/big" : options.includes("-B") ? "/upload" : "/quick";
    const load = ["-c", String(attackers), "-r", "200", "-l", String(seconds + 10), "-p", "3"];
    return spawn("slowhttptest", [...options, ...load, "-u", `${gateway.url}${path}`], { stdio: "ignore" });
  }

  for (const [name, options] of Object.entries(attacks)) {
    it(`${name}: ${attackers} connections leave the others served, and soon`, async (t) => {
      await until("the connections before are gone", () => socketsOf(gateway.process.pid) < 100, 120_000);
      await measured(2000);
      const quiet = percentile(await measured(6000), 0.99);
      const tool = attack(options);
      const ended = once(tool, "exit");
      // Of 2,000 in all: the gateway drops the first while the tool still opens the last.
      await until("hundreds of attackers are there", () => socketsOf(gateway.process.pid) > attackers / 4, 60_000);
      let held = 0;
      const watch = setInterval(() => (held = Math.max(held, socketsOf(gateway.process.pid))), 200);
      const times = await measured(seconds * 1000);
      clearInterval(watch);
      const attacked = percentile(times, 0.99);
      tool.kill();
      await ended;
      const shown = `${attacked.toFixed(1)} ms against ${quiet.toFixed(1)} ms quiet`;
      t.diagnostic(`${name}: ${held} sockets held at most, ${times.length} requests, p99 ${shown}`);
      t.diagnostic(`the goal is three times: ${(attacked / quiet).toFixed(1)} times here`);
      // The tool, its target and the measuring share two cores here: that is what the goal is missed by. See docs/edge-open.md.
      assert.ok(attacked < 400, shown);
    });
  }
});
