import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LoadOptions } from "./load.ts";
import type { LoadResult, Turn } from "./result.ts";

/** A load process and its connections, for turn after turn. */
export class LoadProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  /** @param signal ends it, and the turn that is under way with an error */
  constructor(options: LoadOptions, signal: AbortSignal) {
    const file = `${import.meta.dirname}/main.ts`;
    const child = spawn(process.execPath, [file], { stdio: ["pipe", "pipe", "inherit"], signal });
    // By way of the turn that it ends.
    child.once("error", () => {});
    child.stdin.on("error", () => {});
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    child.stdin.write(`${JSON.stringify(options)}\n`);
  }

  /** @throws Error when the process ends instead */
  async run(turn: Turn): Promise<LoadResult> {
    this.#child.stdin?.write(`${JSON.stringify(turn)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the load ended in the middle of a turn");
    return JSON.parse(value) as LoadResult;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exit = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin?.end();
    await exit;
  }
}
