import { microsByTurn, type Stretch } from "../accounts.ts";
import { cpuSeconds, residentKib } from "../cpu.ts";
import type { LoadResult } from "../load/result.ts";
import { type Row, rowOf } from "../report.ts";
import { type Asker, askerOf, type Target } from "../target.ts";
import { startTargets } from "../targets.ts";
import { inTurns } from "../turns.ts";
import { pause } from "../pause.ts";
import { warmUp } from "../warm-up.ts";
import type { World } from "../world.ts";
import type { Case, Findings } from "./case.ts";

/** Seconds of one turn of warming up. */
const warmUpTurn = 2;
/** Seconds in which is measured what each takes when nobody asks. */
const idleSeconds = 3;

/** CPU time a request of several targets, side by side: in short turns over many rounds. @param keys of the targets */
export function sideBySide(name: string, about: string, keys: readonly string[]): Case {
  return { name, about, run: (world) => measure(world, keys) };
}

interface Taken {
  readonly result: LoadResult;
  readonly cpuSeconds: number;
}

async function measure(world: World, keys: readonly string[]): Promise<Findings> {
  await using undo = new AsyncDisposableStack();
  const targets = await startTargets(world, keys, undo);
  const { connections, rounds, seconds, settleSeconds } = world.options;
  const askers = new Map<Target, Asker>();
  for (const target of targets) {
    const asker = askerOf(target, connections, world.signal);
    undo.defer(() => asker.stop());
    askers.set(target, asker);
    await warmUpTarget(world, target, asker);
  }
  await pause(settleSeconds, world.signal);
  const idle = stretchOf(targets);
  await pause(Math.min(idleSeconds, settleSeconds), world.signal);
  const idles = idle();
  const whole = stretchOf(targets);
  const taken = await inTurns(targets, rounds, (target, round) =>
    turn(world, target, askers.get(target) as Asker, seconds, `round ${round} of ${rounds}`),
  );
  await pause(settleSeconds, world.signal);
  const wholes = whole();
  const rows = targets.map((target) =>
    row(target, taken.get(target) ?? [], wholes.get(target) as Stretch, idles.get(target) as Stretch),
  );
  return { rows, series: new Map(rows.map(({ key, rounds: micros }) => [key, micros])) };
}

async function warmUpTarget(world: World, target: Target, asker: Asker): Promise<void> {
  const most = Math.ceil(world.options.warmUpSeconds / warmUpTurn);
  const figures = await warmUp(async () => {
    const { result, cpuSeconds: spent } = await turn(world, target, asker, warmUpTurn, "warming up");
    return spent / Math.max(1, result.requests);
  }, most);
  if (figures.length === most && most > 0) world.say(`  ${target.key}: still warming up after ${most * warmUpTurn} s`);
}

async function turn(
  { signal, say }: World,
  target: Target,
  asker: Asker,
  seconds: number,
  when: string,
): Promise<Taken> {
  signal.throwIfAborted();
  const before = cpuSeconds(target.pids);
  const result = await asker.run({ seconds, rate: null });
  const spent = cpuSeconds(target.pids) - before;
  const micros = ((spent * 1e6) / Math.max(1, result.requests)).toFixed(1);
  say(`  ${when}: ${target.key}: ${micros} µs, ${Math.round(result.requests / result.seconds)}/s`);
  if (result.failures > 0) say(`  ${target.key}: ${result.failures} failed; the first: ${result.firstFailure}`);
  return { result, cpuSeconds: spent };
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

function row(target: Target, taken: readonly Taken[], whole: Stretch, idle: Stretch): Row {
  const turns = taken.map(({ result, cpuSeconds: spent }) => ({ ...result, cpuSeconds: spent }));
  const micros = microsByTurn(turns, whole, idle);
  return rowOf(target, micros, turns, residentKib(target.pids) / 1024);
}
