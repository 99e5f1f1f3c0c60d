import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Idle } from "./idle.ts";

/**
 * Holds connections open from a process of its own, whose memory is not counted.
 * @param undo closes them @returns how many there are @throws Error when they cannot all be opened
 */
export async function holdIdle(idle: Idle, signal: AbortSignal, undo: AsyncDisposableStack): Promise<number> {
  const file = `${import.meta.dirname}/idle-main.ts`;
  const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"], signal });
  const exit = once(child, "exit").catch(() => {});
  child.stdin.on("error", () => {});
  undo.defer(async () => {
    child.stdin.end();
    await exit;
  });
  child.stdin.write(`${JSON.stringify(idle)}\n`);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value, done } = await lines.next();
  if (done === true) throw new Error("the connections could not be opened");
  return Number(value);
}
