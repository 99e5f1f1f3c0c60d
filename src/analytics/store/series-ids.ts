import type { DatabaseSync, StatementSync } from "node:sqlite";
import { dimensions } from "#analytics/dimensions.ts";
import { dimensionColumns } from "./schema.ts";

const mostKept = 20_000;

/** Each set of values has a number, so that a row of a minute is small. To be called inside a transaction. */
export class SeriesIds {
  readonly #known = new Map<string, number>();
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #values: StatementSync;

  constructor(database: DatabaseSync) {
    const marks = dimensions.map(() => "?").join(", ");
    const all = dimensions.map((name) => `${name} = ?`).join(" AND ");
    this.#find = database.prepare(`SELECT id FROM series WHERE ${all}`);
    this.#insert = database.prepare(`INSERT INTO series (${dimensionColumns}) VALUES (${marks}) RETURNING id`);
    this.#values = database.prepare(`SELECT ${dimensionColumns} FROM series WHERE id = ?`);
  }

  /** @param values in the order of {@link dimensions} */
  idOf(values: readonly string[]): number {
    const key = values.join("\n");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const row = this.#find.get(...values) ?? this.#insert.get(...values);
    const id = Number(row?.["id"]);
    if (this.#known.size >= mostKept) this.#known.clear();
    this.#known.set(key, id);
    return id;
  }

  valuesOf(id: number): readonly string[] {
    const row = this.#values.get(id);
    return dimensions.map((name) => String(row?.[name] ?? ""));
  }

  /** Rows have been removed. */
  forget(): void {
    this.#known.clear();
  }
}
