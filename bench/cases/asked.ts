import { cpuSeconds } from "../cpu.ts";
import type { LoadResult, Turn } from "../load/result.ts";
import { type Asker, askerOf, type Target } from "../target.ts";
import { startTargets } from "../targets.ts";
import { warmUp } from "../warm-up.ts";
import type { World } from "../world.ts";

/** A target, and who asks it turn after turn. */
export interface Asked {
  readonly target: Target;
  readonly asker: Asker;
}

export interface Taken {
  readonly result: LoadResult;
  /** Of the target, while the load lasted. */
  readonly cpuSeconds: number;
}

/** Seconds of one turn of warming up. */
const warmUpTurn = 2;

/** Starts what is needed for these targets, and asks each until it has become no faster. */
export async function openAsked(
  world: World,
  keys: readonly string[],
  undo: AsyncDisposableStack,
): Promise<readonly Asked[]> {
  const all: Asked[] = [];
  for (const target of await startTargets(world, keys, undo)) {
    const asker = askerOf(target, world.options.connections, world.signal);
    undo.defer(() => asker.stop());
    const asked = { target, asker };
    await warmUpAsked(world, asked);
    all.push(asked);
  }
  return all;
}

async function warmUpAsked(world: World, asked: Asked): Promise<void> {
  const most = Math.ceil(world.options.warmUpSeconds / warmUpTurn);
  const figures = await warmUp(async () => {
    const { result, cpuSeconds: spent } = await turn(world, asked, { seconds: warmUpTurn, rate: null }, "warming up");
    return spent / Math.max(1, result.requests);
  }, most);
  if (figures.length === most && most > 0)
    world.say(`  ${asked.target.key}: still becoming faster after ${most * warmUpTurn} s of warming up`);
}

/** @param when for the line that tells of it */
export async function turn({ signal, say }: World, { target, asker }: Asked, what: Turn, when: string): Promise<Taken> {
  signal.throwIfAborted();
  const before = cpuSeconds(target.pids);
  const result = await asker.run(what);
  const spent = cpuSeconds(target.pids) - before;
  const micros = ((spent * 1e6) / Math.max(1, result.requests)).toFixed(1);
  const latency = what.rate === null ? "" : `, p50 ${result.p50} ms, p99 ${result.p99} ms`;
  say(`  ${when}: ${target.key}: ${micros} µs, ${Math.round(result.requests / result.seconds)}/s${latency}`);
  if (result.failures > 0) say(`  ${target.key}: ${result.failures} failed; the first: ${result.firstFailure}`);
  return { result, cpuSeconds: spent };
}
