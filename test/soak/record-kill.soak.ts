import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { verifyAudit } from "#audit/read/verify.ts";
import { readLogKeys } from "#audit/read/log-keys.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { type Dice, diceOf, scaled, soakSeed } from "./support.ts";

/** What a batched record may lack at a kill: flush and sync, and a busy machine's slack. */
const windowMs = 2000;

/** What the world has seen of requests, each under a path of its own. */
class World {
  /** Path → when its answer was complete at the client. */
  readonly completed = new Map<string, number>();
  readonly #name: string;
  #count = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Asks over and over until told to stop. What a kill breaks off is not complete. */
  async load(port: number, connections: number, stop: { now: boolean }): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: connections });
    const one = async (): Promise<void> => {
      while (!stop.now) {
        const path = `/echo/${this.#name}-${(this.#count += 1)}`;
        if (await isAnswered(agent, port, path)) this.completed.set(path, Date.now());
        else await sleep(5);
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
    agent.destroy();
  }
}

function isAnswered(agent: Agent, port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ agent, host: "127.0.0.1", port, path }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.complete && response.statusCode === 200));
      response.once("error", () => resolve(false));
    });
    asked.once("error", () => resolve(false));
    asked.end();
  });
}

/** Path → what the record says of it: `intent`, `whole`. */
function stagesOf(data: string): ReadonlyMap<string, ReadonlySet<string>> {
  const stages = new Map<string, Set<string>>();
  const folder = join(data, "audit");
  for (const name of readdirSync(folder).filter((one) => one.endsWith(".jsonl"))) {
    for (const line of readFileSync(join(folder, name), "utf8").split("\n")) {
      const path = /"path":"(\/echo\/[^"]+)"/.exec(line)?.[1];
      if (path === undefined || !line.startsWith('{"id":')) continue;
      const stage = /"stage":"(\w+)"/.exec(line)?.[1] ?? "whole";
      stages.set(path, (stages.get(path) ?? new Set()).add(stage));
    }
  }
  return stages;
}

/** Kills a gateway over and over, and tells when each kill came. */
async function killLoop(
  definition: string,
  world: World,
  kills: number,
  dice: Dice,
  aliveMs: (dice: Dice) => number,
): Promise<{ readonly gateway: TestGateway; readonly killedAt: readonly number[] }> {
  const killedAt: number[] = [];
  const args = ["--workers", "1"];
  let gateway = await startTestGateway({ definition, args });
  for (let kill = 1; kill <= kills; kill += 1) {
    const stop = { now: false };
    const served = world.load(gateway.port, dice.between(2, 12), stop);
    await sleep(aliveMs(dice));
    killedAt.push(Date.now());
    await gateway.kill();
    stop.now = true;
    await served;
    gateway = await startTestGateway({ definition, folder: gateway.folder, args });
  }
  assert.equal(await gateway.stop(), 0);
  return { gateway, killedAt };
}

async function assertWhole({ data }: TestGateway, kills: number): Promise<void> {
  const folder = join(data, "audit");
  const keys = readLogKeys(readFileSync(join(folder, "log-key.pub"), "utf8")) ?? assert.fail();
  const result = await verifyAudit(folder, { keys });
  assert.deepEqual([result.ok, result.gapCount], [true, kills], JSON.stringify(result.firstBad ?? result.gaps));
  assert.ok(result.gaps.every(({ why }) => why === "crash"));
}

describe(`the record and SIGKILL under load (seed ${soakSeed})`, { concurrency: 2 }, () => {
  let upstream: TestUpstream;
  const definitionOf = (durability: string): string => `version: 1
audit: { durability: ${durability} }
edge: { https: off, listen: { http: "127.0.0.1:0" } }
apis: { echo: { path: /echo, backend: up, access: public } }
backends: { up: { url: "${upstream.url}" } }
`;

  before(async () => {
    upstream = await startUpstream();
  });
  after(() => upstream.close());

  it("strict: holds all that a client saw completed, and all that reached an upstream", async (t) => {
    const kills = scaled(150);
    const world = new World("strict");
    const definition = definitionOf("strict");
    const { gateway } = await killLoop(definition, world, kills, diceOf(soakSeed), (dice) => dice.between(100, 700));
    t.after(() => gateway.cleanUp());
    await assertWhole(gateway, kills);
    const stages = stagesOf(gateway.data);
    const lost = [...world.completed.keys()].filter((path) => stages.get(path)?.has("whole") !== true);
    assert.deepEqual(lost, [], "seen completed, and not on record");
    const reached = upstream.seen.map(({ url }) => `/echo${url}`).filter((path) => path.startsWith("/echo/strict-"));
    const unknown = reached.filter((path) => !stages.has(path));
    assert.deepEqual(unknown, [], "reached the upstream, and not on record");
    assert.ok(world.completed.size > kills && reached.length >= world.completed.size);
    const open = [...stages.values()].filter((one) => !one.has("whole")).length;
    t.diagnostic(
      `${kills} kills, ${world.completed.size} completed, ${reached.length} forwarded, ${open} intents alone`,
    );
  });

  it("batched: lacks only what ended within the stated window, and shows that it may", async (t) => {
    const kills = scaled(60);
    const world = new World("batched");
    const aliveMs = (dice: Dice): number => (dice.below(4) === 0 ? dice.below(500) : dice.between(2100, 3000));
    const definition = definitionOf("batched");
    const { gateway, killedAt } = await killLoop(definition, world, kills, diceOf(soakSeed + 1), aliveMs);
    t.after(() => gateway.cleanUp());
    await assertWhole(gateway, kills);
    const stages = stagesOf(gateway.data);
    const excused = (at: number): boolean => killedAt.some((kill) => at > kill - windowMs && at <= kill + 500);
    const lost = [...world.completed].filter(([path, at]) => !stages.has(path) && !excused(at));
    assert.deepEqual(lost, [], "completed before the window, and not on record");
    const missing = [...world.completed.keys()].filter((path) => !stages.has(path)).length;
    t.diagnostic(`${kills} kills, ${world.completed.size} completed, ${missing} of them lost within the window`);
  });
});
