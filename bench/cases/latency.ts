import { median } from "../statistics.ts";
import type { Series } from "../goals.ts";
import { inTurns } from "../turns.ts";
import type { World } from "../world.ts";
import { type Asked, openAsked, turn } from "./asked.ts";
import type { Case } from "./case.ts";
import { cpuSideBySide } from "./side-by-side.ts";

/** Requests a second that leave a gateway and its disk idle most of the time. */
const quietRate = 200;

/**
 * Latency at half of what the whole policy path can take, of nginx at the same rate. Requests come at random moments and
 * do not wait for each other; a connection that is not free counts as latency.
 */
export const tail: Case = {
  name: "tail",
  about: "latency under a fixed rate, half of what the whole policy path can take",
  async run(world) {
    await using undo = new AsyncDisposableStack();
    const all = await openAsked(world, ["nginx:bare", "sallyport:whole"], undo);
    const own = all.find(({ target }) => target.key === "sallyport:whole");
    if (own === undefined) return { rows: [], series: new Map() };
    return { rows: [], series: await latencies(world, all, (await saturation(world, own)) / 2) };
  },
};

/** Its CPU beside that of a batched record, and how long it has a client wait when the disk has little to do. */
export const strict: Case = {
  name: "strict",
  about: "a strict record beside a batched one: CPU, and latency on a quiet disk",
  async run(world) {
    await using undo = new AsyncDisposableStack();
    const all = await openAsked(world, ["sallyport:whole", "sallyport:whole-strict"], undo);
    const { rows, series } = await cpuSideBySide(world, all);
    return { rows, series: new Map([...series, ...(await latencies(world, all, quietRate))]) };
  },
};

/** Requests a second that it answers when each connection asks as fast as it can. */
async function saturation(world: World, asked: Asked): Promise<number> {
  const rates: number[] = [];
  for (let count = 1; count <= Math.min(5, world.options.rounds); count += 1) {
    const { result } = await turn(world, asked, { seconds: world.options.seconds, rate: null }, "saturation");
    rates.push(result.requests / result.seconds);
  }
  return median(rates);
}

/** @returns `key@p50` and `key@p99`, ms, one a round */
async function latencies(world: World, all: readonly Asked[], rate: number): Promise<Series> {
  const { rounds, seconds } = world.options;
  world.say(`  ${Math.round(rate)} requests a second, each at a random moment`);
  const taken = await inTurns(all, rounds, (asked, round) =>
    turn(world, asked, { seconds, rate }, `round ${round} of ${rounds}`),
  );
  const series = new Map<string, readonly number[]>();
  for (const [{ target }, turns] of taken) {
    series.set(
      `${target.key}@p50`,
      turns.map(({ result }) => result.p50 ?? Number.NaN),
    );
    series.set(
      `${target.key}@p99`,
      turns.map(({ result }) => result.p99 ?? Number.NaN),
    );
  }
  return series;
}
