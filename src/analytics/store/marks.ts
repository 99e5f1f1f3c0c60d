import type { DatabaseSync } from "node:sqlite";
import { levelMs } from "#analytics/levels.ts";

/** Until when hours and days are merged: before it they answer, behind it what is finer does. */
export class Marks {
  readonly #database: DatabaseSync;
  readonly #known = new Map<number, number>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    for (const row of database.prepare("SELECT level, until FROM marks").all()) {
      this.#known.set(row["level"] as number, row["until"] as number);
    }
  }

  /** Milliseconds since the epoch. */
  until(level: "hour" | "day"): number {
    return this.#known.get(levelMs[level]) ?? 0;
  }

  set(level: "hour" | "day", until: number): void {
    this.#database.prepare("INSERT OR REPLACE INTO marks VALUES (?, ?)").run(levelMs[level], until);
    this.#known.set(levelMs[level], until);
  }
}
