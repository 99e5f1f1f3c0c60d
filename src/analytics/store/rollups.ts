import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dimensions, open, other } from "#analytics/dimensions.ts";
import { floorTo, type Keep, levelMs } from "#analytics/levels.ts";
import { column, rowWidth, type Told } from "#analytics/told.ts";
import { transaction } from "#storage/sqlite/transaction.ts";
import { Marks } from "./marks.ts";
import { SeriesIds } from "./series-ids.ts";

/** Series of one minute over all workers; the rest is told apart no further than an operator's own words go. */
const mostOfMinute = 4000;
/** Series of an hour or a day. */
const mostOfSpan = 10_000;
/** What a worker tells late still finds its minute. */
const graceMs = 60_000;

const sums = "calls, denied, bytes_in, bytes_out, cache_hits, tokens, sum_ms";
const totals = sums
  .split(", ")
  .map((name) => `sum(r.${name})`)
  .join(", ");

/** The values in the order of the dimensions: a row of a worker has no region. */
const rowOrder = dimensions.map((name) => (name === "region" ? -1 : column[name]));

/**
 * Counts by minute as workers tell them, merged to hours and days when those are over. Each count stands in one level
 * for what is asked ({@link Marks}), and in finer ones for as long as those are kept.
 */
export class Rollups {
  readonly marks: Marks;
  readonly #database: DatabaseSync;
  readonly #series: SeriesIds;
  readonly #add: StatementSync;
  #minute = 0;
  #inMinute = new Set<number>();
  #beyond = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.marks = new Marks(database);
    this.#series = new SeriesIds(database);
    this.#add = database.prepare(
      `INSERT INTO rollups (level, start, series, ${sums}, max_ms, sketch) VALUES (${levelMs.minute}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET ${sums
         .split(", ")
         .map((name) => `${name} = ${name} + excluded.${name}`)
         .join(", ")}, max_ms = max(max_ms, excluded.max_ms), sketch = sketch_add(sketch, excluded.sketch)`,
    );
  }

  /** All of it or nothing. */
  write(told: Told): void {
    transaction(this.#database, () => {
      // A minute whose hour is merged already is counted in the next: no call is counted twice, or lost.
      const minute = Math.max(floorTo(told.since, levelMs.minute), this.marks.until("hour"));
      if (minute !== this.#minute) {
        this.#minute = minute;
        this.#inMinute = new Set();
      }
      let sketchAt = 0;
      for (let base = 0; base < told.rows.length; base += rowWidth) {
        const length = told.rows[base + column.sketchBytes] as number;
        this.#writeRow(told, base, told.sketches.subarray(sketchAt, sketchAt + length));
        sketchAt += length;
      }
    });
  }

  /** Calls that were counted under `other` for want of room here, since the last time. */
  takeBeyond(): number {
    const beyond = this.#beyond;
    this.#beyond = 0;
    return beyond;
  }

  /** Merges hours and days that are over. */
  roll(now: number): void {
    this.#rollTo("hour", "minute", now - graceMs);
    this.#rollTo("day", "hour", Math.min(now - graceMs, this.marks.until("hour")));
  }

  /** Forgets what is too old. */
  prune(now: number, keep: Keep): void {
    for (const level of ["minute", "hour", "day"] as const) {
      this.#database
        .prepare("DELETE FROM rollups WHERE level = ? AND start < ?")
        .run(levelMs[level], Math.floor(now - keep[level]));
    }
  }

  /** Forgets sets of values that nothing is counted of any more: once a day is enough. */
  pruneSeries(): void {
    transaction(this.#database, () => {
      this.#database.exec("DELETE FROM series WHERE id NOT IN (SELECT series FROM rollups)");
      this.#series.forget();
    });
  }

  #writeRow({ rows, names, region }: Told, base: number, sketch: Uint8Array): void {
    const values = rowOrder.map((at) => (at < 0 ? region : (names[rows[base + at] as number] ?? other)));
    const at = (offset: number): number => rows[base + offset] as number;
    const series = this.#seriesOf(values, at(column.calls));
    this.#add.run(
      this.#minute,
      series,
      at(column.calls),
      at(column.denied),
      at(column.bytesIn),
      at(column.bytesOut),
      at(column.cacheHits),
      at(column.tokens),
      at(column.sumMs),
      at(column.maxMs),
      sketch,
    );
  }

  #seriesOf(values: readonly string[], calls: number): number {
    const series = this.#series.idOf(values);
    if (this.#inMinute.has(series)) return series;
    if (this.#inMinute.size < mostOfMinute) {
      this.#inMinute.add(series);
      return series;
    }
    this.#beyond += calls;
    return this.#series.idOf(narrowed(values));
  }

  #rollTo(level: "hour" | "day", from: "minute" | "hour", ready: number): void {
    const ms = levelMs[level];
    for (;;) {
      const mark = this.marks.until(level);
      const first = this.#database
        .prepare("SELECT min(start) AS first FROM rollups WHERE level = ? AND start >= ?")
        .get(levelMs[from], mark)?.["first"] as number | null;
      const start = first === null ? floorTo(ready, ms) : Math.min(floorTo(first, ms), floorTo(ready, ms));
      if (first === null || start + ms > ready) {
        if (start > mark) this.marks.set(level, start);
        return;
      }
      transaction(this.#database, () => this.#merge(level, from, start));
    }
  }

  #merge(level: "hour" | "day", from: "minute" | "hour", start: number): void {
    const end = start + levelMs[level];
    this.#foldRest(levelMs[from], start, end);
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO rollups (level, start, series, ${sums}, max_ms, sketch)
         SELECT ${levelMs[level]}, ?, coalesce(f.into_series, r.series) AS merged, ${totals}, max(r.max_ms), sketch_sum(r.sketch)
         FROM rollups r LEFT JOIN temp.folded f ON f.series = r.series
         WHERE r.level = ? AND r.start >= ? AND r.start < ? GROUP BY merged`,
      )
      .run(start, levelMs[from], start, end);
    this.marks.set(level, end);
  }

  /** Says of those with the fewest calls where they are counted instead. */
  #foldRest(from: number, start: number, end: number): void {
    this.#database.exec(
      "CREATE TEMP TABLE IF NOT EXISTS folded (series INTEGER PRIMARY KEY, into_series INTEGER NOT NULL); DELETE FROM temp.folded",
    );
    const rest = this.#database
      .prepare(
        `SELECT series FROM rollups WHERE level = ? AND start >= ? AND start < ?
         GROUP BY series ORDER BY sum(calls) DESC LIMIT -1 OFFSET ${mostOfSpan}`,
      )
      .all(from, start, end);
    const fold = this.#database.prepare("INSERT INTO temp.folded VALUES (?, ?)");
    for (const { series } of rest) {
      fold.run(series as number, this.#series.idOf(narrowed(this.#series.valuesOf(series as number))));
    }
  }
}

/** What clients can multiply is not told apart. */
function narrowed(values: readonly string[]): readonly string[] {
  return values.map((value, at) =>
    value !== "" && (open as readonly string[]).includes(dimensions[at] ?? "") ? other : value,
  );
}
