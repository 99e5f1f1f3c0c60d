import { microsByTurn, type Stretch } from "../accounts.ts";
import { cpuSeconds, residentKib } from "../cpu.ts";
import { pause } from "../pause.ts";
import { rowOf } from "../report.ts";
import type { Target } from "../target.ts";
import { inTurns } from "../turns.ts";
import type { World } from "../world.ts";
import { type Asked, openAsked, type Taken, turn } from "./asked.ts";
import type { Case, Findings } from "./case.ts";

/** Seconds in which is measured what each takes when nobody asks. */
const idleSeconds = 3;

/** CPU time a request of several targets, side by side. @param keys of the targets */
export function sideBySide(name: string, about: string, keys: readonly string[]): Case {
  return {
    name,
    about,
    async run(world) {
      await using undo = new AsyncDisposableStack();
      return await cpuSideBySide(world, await openAsked(world, keys, undo));
    },
  };
}

/** In short turns over many rounds; what is done after the answers counts as well. */
export async function cpuSideBySide(world: World, all: readonly Asked[]): Promise<Findings> {
  const { rounds, seconds, settleSeconds } = world.options;
  const targets = all.map(({ target }) => target);
  await pause(settleSeconds, world.signal);
  const idle = stretchOf(targets);
  await pause(Math.min(idleSeconds, settleSeconds), world.signal);
  const idles = idle();
  const whole = stretchOf(targets);
  const taken = await inTurns(all, rounds, (asked, round) =>
    turn(world, asked, { seconds, rate: null }, `round ${round} of ${rounds}`),
  );
  await pause(settleSeconds, world.signal);
  const wholes = whole();
  const turns = new Map(all.map((asked) => [asked, (taken.get(asked) ?? []).map(turnOf)]));
  const rows = all.map((asked) => {
    const { target } = asked;
    const ofSame = all.filter((other) => other.target.pids.join() === target.pids.join());
    const together = ofSame.flatMap((other) => turns.get(other) ?? []);
    const own = turns.get(asked) ?? [];
    const micros = microsByTurn(own, together, wholes.get(target) as Stretch, idles.get(target) as Stretch);
    return rowOf(target, micros, own, residentKib(target.pids) / 1024);
  });
  return { rows, series: new Map(rows.map(({ key, rounds: micros }) => [key, micros])) };
}

/** Begins to count for all of them. @returns ends it */
function stretchOf(targets: readonly Target[]): () => ReadonlyMap<Target, Stretch> {
  const started = performance.now();
  const before = new Map(targets.map((target) => [target, cpuSeconds(target.pids)]));
  return () => {
    const seconds = (performance.now() - started) / 1000;
    return new Map(
      targets.map((target) => [
        target,
        { seconds, cpuSeconds: cpuSeconds(target.pids) - (before.get(target) as number) },
      ]),
    );
  };
}

function turnOf({ result, cpuSeconds: spent }: Taken): Taken["result"] & { readonly cpuSeconds: number } {
  return { ...result, cpuSeconds: spent };
}
