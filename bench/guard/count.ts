import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LoadProcess } from "../load/process.ts";
import { rootCertificateOf, startSallyport } from "../sallyport.ts";
import { freePort } from "../site.ts";
import { median } from "../statistics.ts";
import { warmUp } from "../warm-up.ts";
import type { World } from "../world.ts";
import { type Counts, perRequest } from "./expectations.ts";
import { Probe } from "./probe.ts";

export interface CountOptions {
  /** Of load before anything counts, at the most for each target: it ends when no more is optimised away. */
  readonly warmUpSeconds: number;
  /** Of each turn, also of warming up. */
  readonly seconds: number;
  readonly turns: number;
  /** More arguments for the gateway's runtime. */
  readonly nodeArgs: readonly string[];
}

const inside = fileURLToPath(new URL("inside.ts", import.meta.url));

/**
 * What a worker does for each request of a connection that has one at a time: nothing then hangs on how many requests
 * happen to come together, and the counts are the same on any machine.
 * @returns by key of the target
 */
export async function countAll(world: World, options: CountOptions): Promise<Readonly<Record<string, Counts>>> {
  await using undo = new AsyncDisposableStack();
  const { site, callers, signal } = world;
  const folder = join(site.folder, "guard");
  mkdirSync(folder);
  const [httpPort, port] = [await freePort(), await freePort()];
  const name = "guarded";
  const settings = { tls: true, workers: 1, durability: "batched" } as const;
  const nodeArgs = ["--import", inside, ...options.nodeArgs];
  const { issuer } = callers;
  const env = { BENCH_GUARD_FOLDER: folder };
  const running = await startSallyport({ site, name, httpPort, httpsPort: port, issuer, nodeArgs, env, ...settings });
  undo.defer(() => running.stop());
  const probe = new Probe(join(folder, "sallyport-0"));
  undo.defer(() => probe.stop());
  const ca = readFileSync(rootCertificateOf(site, name), "utf8");
  const server = { port, tls: true, ca, variants: 1, connections: 1 };
  const loads = new Map([
    ["bare", new LoadProcess({ ...server, path: "/bare", headers: [] }, signal)],
    ["whole", new LoadProcess({ ...server, path: "/orders", headers: await callers.headers() }, signal)],
  ]);
  for (const load of loads.values()) undo.defer(() => load.stop());
  return await count(loads, probe, options);
}

async function count(
  loads: ReadonlyMap<string, LoadProcess>,
  probe: Probe,
  options: CountOptions,
): Promise<Readonly<Record<string, Counts>>> {
  const found: Record<string, Counts> = {};
  const most = Math.ceil(options.warmUpSeconds / options.seconds);
  for (const load of loads.values()) await warmUp(async () => (await one(load, probe, options)).bytes, most);
  for (const [key, load] of loads) found[key] = await middle(load, probe, options);
  // Counting them is not free: it comes after the rest.
  await probe.countPromises();
  for (const [key, load] of loads) {
    const { promises } = await middle(load, probe, options);
    found[key] = { ...(found[key] as Counts), promises };
  }
  return found;
}

async function middle(load: LoadProcess, probe: Probe, options: CountOptions): Promise<Counts> {
  const taken: Counts[] = [];
  for (let turn = 0; turn < options.turns; turn += 1) taken.push(await one(load, probe, options));
  const of = (name: keyof Counts): number => median(taken.map((counts) => counts[name]));
  return { bytes: of("bytes"), promises: of("promises"), calls: of("calls") };
}

async function one(load: LoadProcess, probe: Probe, { seconds }: CountOptions): Promise<Counts> {
  const before = await probe.read();
  const { requests, failures, firstFailure } = await load.run({ seconds, rate: null });
  if (failures > 0) throw new Error(`${failures} requests failed; the first: ${firstFailure}`);
  return perRequest(before, await probe.read(), requests);
}
