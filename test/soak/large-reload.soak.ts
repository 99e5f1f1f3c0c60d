import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { ProcessorUse, slowness } from "./machine.ts";
import { type InsideGateway, KeepAliveClient, startInsideGateway } from "./support.ts";

const apis = 100;
const operations = 100;
/** On a machine as the one that it was set for: where all work takes longer, so may this. */
const goalMs = 1000;
/** Where it is worse than what a shared machine of two cores makes of it. */
const sharedBoundMs = 10_000;
/** Cores that others may keep busy where the goal is to hold. */
const quietCores = 0.2;
/** Longest work of a thread between two of its turns, the 2 ms between two looks at it included. */
const mainBoundMs = 15;
/** Of all the work of a reload: on a machine that takes twice as long for everything, a turn takes twice as long too. */
const mainShare = 1 / 25;
/** Garbage of ten thousand routes is collected in one go, which no slice makes shorter. */
const workerBoundMs = 30;

interface Variant {
  /** What the response says. */
  readonly version: string;
  /** Part of every operation's path: another one changes every line. */
  readonly item?: string;
}

/** 10,000 operations. */
function definitionOf(upstream: string, { version, item = "item" }: Variant): string {
  const all = Array.from({ length: apis }, (_, api) => {
    const each = Array.from(
      { length: operations },
      (_none, at) => `      op${at}: { method: GET, path: "/group${at % 10}/${item}${at}/{id}" }\n`,
    );
    return `  api${api}:\n    path: /api${api}\n    backend: up\n    access: public\n    operations:\n${each.join("")}`;
  });
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
policies: { outbound: [{ set-header: { name: X-Version, values: ["${version}"] } }] }
apis:
  steady: { path: /steady, backend: up, access: public }
${all.join("")}backends: { up: { url: "${upstream}" } }
`;
}

/** Asks over a few connections, each every few milliseconds, and notes how long each answer takes. */
class Caller {
  readonly #clients: readonly KeepAliveClient[];
  readonly #over: Promise<unknown>;
  readonly #times: number[] = [];
  #stopped = false;

  constructor(gateway: InsideGateway) {
    this.#clients = Array.from({ length: 6 }, () => new KeepAliveClient(gateway, 1));
    this.#over = Promise.all(this.#clients.map((client) => this.#run(client)));
  }

  take(): readonly number[] {
    return this.#times.splice(0).toSorted((left, right) => left - right);
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#over;
    for (const client of this.#clients) client.close();
  }

  async #run(client: KeepAliveClient): Promise<void> {
    while (!this.#stopped) {
      const started = performance.now();
      const { status } = await client.get("/steady");
      assert.equal(status, 200);
      this.#times.push(performance.now() - started);
      await sleep(10);
    }
  }
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity;
}

function shown(times: readonly number[]): string {
  return times.map((ms) => ms.toFixed(0)).join(", ");
}

describe("a reload of 10,000 routes", () => {
  let upstream: TestUpstream;
  let gateway: InsideGateway;
  let caller: Caller;

  before(async () => {
    upstream = await startUpstream((_incoming, response) => response.end("ok"));
    gateway = await startInsideGateway({
      definition: definitionOf(upstream.url, { version: "v0" }),
      env: { SALLYPORT_SOAK_WORK: "1" },
    });
    caller = new Caller(gateway);
  });
  after(async () => {
    await caller.close();
    await gateway.cleanUp();
    await upstream.close();
  });

  /** @returns milliseconds from the change of the file until every worker has it */
  async function reload(variant: Variant): Promise<number> {
    const file = join(gateway.folder, "sallyport.yaml");
    const told = gateway.output().split('"message":"reloaded"').length;
    writeFileSync(`${file}.new`, definitionOf(upstream.url, variant));
    const started = performance.now();
    renameSync(`${file}.new`, file);
    while (gateway.output().split('"message":"reloaded"').length === told) await sleep(2);
    const took = performance.now() - started;
    const client = new KeepAliveClient(gateway, 1);
    const { headers } = await client.get(`/api99/group9/${variant.item ?? "item"}99/7`);
    client.close();
    assert.equal(headers["x-version"], variant.version);
    return took;
  }

  async function assertInTime(t: TestContext, what: string, variants: readonly Variant[]): Promise<number> {
    const use = new ProcessorUse(gateway.process.pid ?? 0);
    const times: number[] = [];
    for (const variant of variants) times.push(await reload(variant));
    const cores = use.othersCores;
    const workMs = use.workMs / variants.length;
    const factor = slowness();
    const median = quantile(
      times.toSorted((left, right) => left - right),
      0.5,
    );
    const bound = cores < quietCores ? goalMs * factor : sharedBoundMs;
    t.diagnostic(`${what}: ${shown(times)} ms to every worker, of which about 150 wait for the editor`);
    t.diagnostic(
      `median ${median.toFixed(0)} ms; others kept ${cores.toFixed(1)} cores busy, and this machine takes ${factor.toFixed(2)} of the usual time, so the bound is ${bound.toFixed(0)}`,
    );
    t.diagnostic(`${workMs.toFixed(0)} ms of processor time a reload, requests meanwhile included`);
    assert.ok(median < bound, `${shown(times)} ms`);
    return workMs;
  }

  it("is in force on every worker within a second where few lines changed, and no thread stands still", async (t) => {
    await reload({ version: "warm" });
    await gateway.heaps();
    // What the full collections held up is no part of it.
    await sleep(1000);
    caller.take();
    await sleep(2000);
    const quiet = caller.take();
    const workMs = await assertInTime(
      t,
      "one line changed",
      Array.from({ length: 7 }, (_, number) => ({ version: `v${number}` })),
    );
    const busy = caller.take();
    const heaps = await gateway.heaps();
    for (const [thread, { longestMs, busiestMs }] of heaps) {
      t.diagnostic(
        `${thread}: at most ${busiestMs.toFixed(1)} ms of work in one go, ${longestMs.toFixed(0)} ms by the clock`,
      );
      const boundMs = thread === "main" ? Math.max(mainBoundMs, workMs * mainShare) : workerBoundMs;
      assert.ok(busiestMs < boundMs, `${thread}: ${busiestMs} ms of ${boundMs}`);
    }
    for (const [name, times] of [["before", quiet] as const, ["meanwhile", busy] as const]) {
      const places = [0.5, 0.99, 1]
        .map((share) => quantile(times, share))
        .map((ms) => ms.toFixed(1))
        .join(" / ");
      t.diagnostic(`requests ${name}: p50 / p99 / longest ${places} ms of ${times.length}`);
    }
    assert.ok(quantile(busy, 0.99) < 5 * quantile(quiet, 0.99) + 25, "requests waited for the reload");
  });

  it("is in force on every worker when every line changed", async (t) => {
    const others = Array.from({ length: 3 }, (_, number) => ({ version: `w${number}`, item: `item${number}x` }));
    const times: number[] = [];
    for (const variant of others) times.push(await reload(variant));
    t.diagnostic(`every line changed: ${shown(times)} ms`);
    assert.ok(Math.min(...times) < sharedBoundMs, `${shown(times)} ms`);
  });
});
