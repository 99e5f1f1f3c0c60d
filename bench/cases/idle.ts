import { residentKib } from "../cpu.ts";
import { holdIdle } from "../load/holder.ts";
import { pause } from "../pause.ts";
import type { World } from "../world.ts";
import { type Asked, openAsked } from "./asked.ts";
import type { Case } from "./case.ts";

/** Until freed memory has gone back, or is used for what has come since. */
const settleTimes = 2;

/** What an open TLS connection keeps in memory that has had one answer and asks nothing. */
export const idle: Case = {
  name: "idle",
  about: "memory of 10,000 idle TLS connections (--idle), each",
  async run(world) {
    await using undo = new AsyncDisposableStack();
    const [asked] = await openAsked(world, ["sallyport:idle"], undo);
    if (asked === undefined) return { rows: [], series: new Map() };
    return { rows: [], series: new Map([["sallyport:idle@KB", [await kilobytes(world, asked, undo)]]]) };
  },
};

async function kilobytes(world: World, { target }: Asked, undo: AsyncDisposableStack): Promise<number> {
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
