import { setTimeout as sleep } from "node:timers/promises";
import { LoadConnection, type Server } from "./connection.ts";
import { requestsOf, type RequestShape } from "./requests.ts";
import { type LoadResult, Tally, type Turn } from "./result.ts";
import { Schedule } from "./schedule.ts";

export interface LoadOptions extends Server, RequestShape {
  readonly connections: number;
}

const drainMs = 5000;

/** Connections that stay open from turn to turn, so that no turn pays for handshakes. */
export class Load {
  readonly #nextRequest: () => Buffer;
  readonly #all: readonly LoadConnection[];
  /** Connected, with nothing under way. */
  readonly #free = new Set<LoadConnection>();
  /** When each request was due that no connection was free for; in order. */
  #waiting: number[] = [];
  #closed = false;
  #tally = new Tally();

  constructor(options: LoadOptions) {
    this.#nextRequest = requestsOf(options);
    const listener = {
      free: (connection: LoadConnection) => this.#isFree(connection),
      answered: (ms: number) => this.#tally.answered(ms),
      failed: (why: string) => this.#tally.failed(why),
      closed: (connection: LoadConnection) => void this.#free.delete(connection),
    };
    this.#all = Array.from({ length: options.connections }, () => new LoadConnection(options, listener));
  }

  async run({ seconds, rate }: Turn): Promise<LoadResult> {
    this.#tally = new Tally();
    const started = performance.now();
    if (rate === null) await this.#askClosed(seconds);
    else await this.#askOpen(seconds, rate);
    await this.#drained();
    return this.#tally.result((performance.now() - started) / 1000);
  }

  async #askClosed(seconds: number): Promise<void> {
    this.#closed = true;
    for (const connection of this.#free) this.#send(connection, performance.now());
    await sleep(seconds * 1000);
    this.#closed = false;
  }

  async #askOpen(seconds: number, rate: number): Promise<void> {
    const end = performance.now() + seconds * 1000;
    const schedule = new Schedule(rate, performance.now(), Math.random);
    for (let now = performance.now(); now < end; now = performance.now()) {
      // Due by the moment it is seen: what this process is late itself is no fault of the server.
      for (let count = schedule.due(now); count > 0; count -= 1) this.#isDue(now);
      await sleep(1);
    }
  }

  #isDue(now: number): void {
    const [connection] = this.#free;
    if (connection === undefined) this.#waiting.push(now);
    else this.#send(connection, now);
  }

  #isFree(connection: LoadConnection): void {
    if (this.#closed) this.#send(connection, performance.now());
    else {
      const due = this.#waiting.shift();
      if (due === undefined) this.#free.add(connection);
      else this.#send(connection, due);
    }
  }

  #send(connection: LoadConnection, due: number): void {
    this.#free.delete(connection);
    connection.send(this.#nextRequest(), due);
  }

  async #drained(): Promise<void> {
    const until = performance.now() + drainMs;
    while (this.#waiting.length > 0 || this.#all.some(({ busy }) => busy)) {
      if (performance.now() > until) {
        this.#tally.failed(`no answer within ${drainMs} ms`);
        this.#waiting = [];
        return;
      }
      await sleep(1);
    }
  }
}
