import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import type { Keep } from "#analytics/levels.ts";
import type { FromAnalytics, ToAnalytics } from "#analytics/messages.ts";
import { column, rowWidth, type Told } from "#analytics/told.ts";
import { toErrorMessage } from "#storage/store-messages.ts";
import { ask } from "./ask.ts";
import { Rollups } from "./rollups.ts";
import { planOf } from "./spans.ts";

/** How often what is over is merged, and what is too old forgotten. */
const keepEveryMs = 60_000;
const seriesEveryMs = 24 * 3_600_000;

/** Takes what workers tell, answers what main asks, and keeps the file as small as it is to be. */
export class RollupKeeper {
  readonly #database: DatabaseSync;
  readonly #rollups: Rollups;
  readonly #post: (message: FromAnalytics) => void;
  readonly #workers = new Set<MessagePort>();
  readonly #timer: NodeJS.Timeout;
  #keep: Keep;
  #seriesPruned = Date.now();

  constructor(database: DatabaseSync, keep: Keep, post: (message: FromAnalytics) => void) {
    this.#database = database;
    this.#rollups = new Rollups(database);
    this.#keep = keep;
    this.#post = post;
    this.#timer = setInterval(() => this.#maintain(), keepEveryMs);
    this.#maintain();
  }

  take(message: Exclude<ToAnalytics, { type: "close" }>): void {
    if (message.type === "worker") this.#attach(message.port);
    else if (message.type === "keep") this.#keep = message.keep;
    else this.#answer(message);
  }

  /** Takes what workers have said before they ended. */
  close(): void {
    clearInterval(this.#timer);
    for (const port of this.#workers) {
      for (let last = receiveMessageOnPort(port); last !== undefined; last = receiveMessageOnPort(port)) {
        this.#write(last.message as Told);
      }
      port.close();
    }
    this.#database.close();
  }

  #attach(port: MessagePort): void {
    this.#workers.add(port);
    port.on("message", (told: Told) => {
      this.#write(told);
      port.postMessage(1);
    });
    port.on("close", () => this.#workers.delete(port));
  }

  #write(told: Told): void {
    try {
      this.#rollups.write(told);
      const own = this.#rollups.takeBeyond();
      const beyond = own === 0 ? told.beyond : [...told.beyond, ["all", own] as const];
      if (beyond.length > 0) this.#post({ type: "beyond", beyond });
    } catch (error) {
      this.#post({ type: "lost", calls: callsOf(told), why: error instanceof Error ? error.message : String(error) });
    }
  }

  #answer({ id, question, now }: Extract<ToAnalytics, { type: "ask" }>): void {
    try {
      const { marks } = this.#rollups;
      const plan = planOf(question, { hour: marks.until("hour"), day: marks.until("day") }, this.#keep, now);
      this.#post({ type: "answer", id, answer: ask(this.#database, question, plan) });
    } catch (error) {
      this.#post({ type: "refused", id, error: toErrorMessage(error) });
    }
  }

  #maintain(): void {
    try {
      const now = Date.now();
      this.#rollups.roll(now);
      this.#rollups.prune(now, this.#keep);
      if (now - this.#seriesPruned < seriesEveryMs) return;
      this.#seriesPruned = now;
      this.#rollups.pruneSeries();
    } catch (error) {
      // Tried again in a minute; until then the finer counts answer.
      this.#post({ type: "lost", calls: 0, why: error instanceof Error ? error.message : String(error) });
    }
  }
}

function callsOf({ rows }: Told): number {
  let calls = 0;
  for (let base = 0; base < rows.length; base += rowWidth) calls += rows[base + column.calls] as number;
  return calls;
}
