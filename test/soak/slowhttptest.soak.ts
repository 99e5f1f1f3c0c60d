import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import {
  type InsideGateway,
  KeepAliveClient,
  publicDefinition,
  socketsOf,
  startInsideGateway,
  until,
} from "./support.ts";

const attackers = 2000;
const seconds = 12;
const big = randomBytes(4 * 2 ** 20);

const attacks: Readonly<Record<string, readonly string[]>> = {
  "slow headers": ["-H", "-i", "2", "-x", "24"],
  "slow body": ["-B", "-i", "2", "-s", "100000", "-x", "10"],
  "slow read": ["-X", "-n", "2", "-w", "64", "-y", "512", "-z", "32"],
};

/** The usual tool for slow-client attacks against the gateway, while others are served. */
describe("slowhttptest", needsCommand("slowhttptest"), () => {
  let upstream: TestUpstream;
  let gateway: InsideGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      if (request.url === "/big") return void response.end(big);
      request.resume();
      request.on("end", () => response.end("ok"));
      return undefined;
    });
    gateway = await startInsideGateway({ definition: publicDefinition(upstream.url) });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  /** Requests at a steady pace, on kept connections and on new ones: each one's time, in milliseconds. */
  async function measured(forMs: number): Promise<readonly number[]> {
    const times: number[] = [];
    const ends = Date.now() + forMs;
    const asker = async (): Promise<void> => {
      const kept = new KeepAliveClient(gateway, 1);
      while (Date.now() < ends) {
        const started = performance.now();
        assert.equal((await kept.get("/echo/x")).status, 200);
        times.push(performance.now() - started);
        await sleep(40);
      }
      kept.close();
    };
    await Promise.all(Array.from({ length: 8 }, asker));
    return times.toSorted((a, b) => a - b);
  }

  function percentile(sorted: readonly number[], share: number): number {
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  }

  function attack(options: readonly string[]): ChildProcess {
    const path = options.includes("-X") ? "/echo/big" : "/echo/x";
    const load = ["-c", String(attackers), "-r", "1000", "-l", String(seconds + 6), "-p", "3"];
    return spawn("slowhttptest", [...options, ...load, "-u", `${gateway.url}${path}`], { stdio: "ignore" });
  }

  for (const [name, options] of Object.entries(attacks)) {
    it(`${name}: ${attackers} connections leave the others' p99 under three times the quiet one`, async (t) => {
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
      assert.ok(attacked < 3 * Math.max(quiet, 2), shown);
    });
  }
});
