import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Counts } from "./expectations.ts";

/** Asks a worker for its counts, by the socket of inside.ts. */
export class Probe {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string) {
    this.#socket = connect(path);
    this.#lines = createInterface({ input: this.#socket })[Symbol.asyncIterator]();
  }

  read(): Promise<Counts> {
    return this.#ask("counts");
  }

  /** From now on promises are counted. */
  countPromises(): Promise<Counts> {
    return this.#ask("promises");
  }

  stop(): void {
    this.#socket.destroy();
  }

  async #ask(what: string): Promise<Counts> {
    this.#socket.write(`${what}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error("the worker has ended, or has no counts (inside.ts)");
    return JSON.parse(value) as Counts;
  }
}
