import { residentKib } from "../cpu.ts";
import { holdIdle } from "../load/holder.ts";
import { pause } from "../pause.ts";
import type { World } from "../world.ts";
import { startTargets } from "../targets.ts";
import type { Target } from "../target.ts";
import type { Case } from "./case.ts";

/** Until freed memory has gone back, or is used for what has come since. */
const settleTimes = 2;

/** What an open TLS connection keeps in memory that has had one answer and asks nothing. */
export const idle: Case = {
  name: "idle",
  about: "memory of 10,000 idle TLS connections (--idle), each",
  async run(world) {
    await using undo = new AsyncDisposableStack();
    // Not asked before: what lies unused in a heap that was larger once would hold connections that seem to take nothing.
    const [target] = await startTargets(world, ["sallyport:idle"], undo);
    if (target === undefined) return { rows: [], series: new Map() };
    return { rows: [], series: new Map([["sallyport:idle@KB", [await kilobytes(world, target, undo)]]]) };
  },
};

async function kilobytes(world: World, target: Target, undo: AsyncDisposableStack): Promise<number> {
  const { options, signal, say } = world;
  const settle = (): Promise<void> => pause(options.settleSeconds * settleTimes, signal);
  await settle();
  const before = residentKib(target.pids);
  const { port, ca, path } = target;
  const held = await holdIdle({ port, ca, path, connections: options.idleConnections }, signal, undo);
  await settle();
  const added = residentKib(target.pids) - before;
  say(`  ${held} of ${options.idleConnections} connections: ${added} KiB more than ${before}`);
  if (held !== options.idleConnections) throw new Error("some connections did not stay open");
  return (added * 1024) / 1000 / held;
}
