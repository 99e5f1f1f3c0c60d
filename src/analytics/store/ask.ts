import type { DatabaseSync } from "node:sqlite";
import { type Dimension, dimensions } from "#analytics/dimensions.ts";
import { levelMs } from "#analytics/levels.ts";
import type { Answer, Group, Measures, Order, Point, Question } from "#analytics/question.ts";
import { GatewayError } from "#model/errors.ts";
import type { Plan } from "./spans.ts";
import { type Row, summed, Sums } from "./sums.ts";

/** To add up more takes longer than somebody waits, and than workers are to wait for the thread: some seconds. */
const mostRows = 1_000_000;
const mostGroups = 20_000;
const mostPoints = 20_000;

type Value = string | number;

/** @throws GatewayError `client-malformed` when there is too much to add up */
export function ask(database: DatabaseSync, question: Question, plan: Plan): Answer {
  const { from, to, resolution, step } = plan;
  const source = sourceOf(question, plan);
  const counted = Number(database.prepare(`SELECT count(*) AS rows ${source.rows}`).get(...source.bounds)?.["rows"]);
  if (counted > mostRows) throw tooMuch(`${counted} counts would have to be added up`);
  const rows = groupRows(database, question.by, source);
  const total = rows.reduce<Sums>((sums, row) => sums.add(row), new Sums()).measures;
  const all = rows.map((row) => ({ by: valuesOf(row, question.by), ...new Sums().add(row).measures }));
  const sorted = all.toSorted((a, b) => rank(b, question.order) - rank(a, question.order) || b.calls - a.calls);
  const groups = sorted.filter(({ calls }) => calls > 0).slice(0, question.top);
  const shown = step === null ? groups : withPoints(database, question, source, groups, { from, to, step });
  return { from, to, resolution, step, total, groups: shown, omitted: Math.max(0, sorted.length - question.top) };
}

interface Source {
  readonly rows: string;
  readonly bounds: readonly Value[];
  readonly text: string;
  readonly values: readonly Value[];
}

/** Names of columns come from the closed list; all else is a parameter. */
function sourceOf({ where, having = [], deniedOnly }: Question, { spans }: Plan): Source {
  const span = spans.map(() => "(r.level = ? AND r.start >= ? AND r.start < ?)").join(" OR ") || "0";
  const bounds = spans.flatMap(({ level, from, to }) => [levelMs[level], from, to]);
  const conditions = [`(${span})`];
  const values: Value[] = [...bounds];
  for (const dimension of dimensions) {
    const wanted = where[dimension];
    if (wanted === undefined) continue;
    conditions.push(`s.${dimension} IN (${wanted.map(() => "?").join(", ")})`);
    values.push(...wanted);
  }
  for (const dimension of having) conditions.push(`s.${dimension} <> ''`);
  if (deniedOnly === true) conditions.push("r.denied > 0");
  const text = `FROM rollups r JOIN series s ON s.id = r.series WHERE ${conditions.join(" AND ")}`;
  return { rows: `FROM rollups r WHERE ${span}`, bounds, text, values };
}

/** One row for each set of values; without dimensions, one of all. */
function groupRows(database: DatabaseSync, by: readonly Dimension[], { text, values }: Source): readonly Row[] {
  const columns = by.map((name) => `s.${name}`).join(", ");
  if (by.length === 0) return database.prepare(`SELECT ${summed} ${text}`).all(...values);
  const rows = database
    .prepare(`SELECT ${columns}, ${summed} ${text} GROUP BY ${columns} LIMIT ${mostGroups + 1}`)
    .all(...values);
  if (rows.length > mostGroups) throw tooMuch(`there are more than ${mostGroups} groups`);
  return rows;
}

interface Steps {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

function withPoints(
  database: DatabaseSync,
  { by }: Question,
  { text, values }: Source,
  groups: readonly Group[],
  { from, to, step }: Steps,
): readonly Group[] {
  const most = Math.ceil((to - from) / step) * groups.length;
  if (most > mostPoints) throw tooMuch(`${most} points are more than ${mostPoints}`);
  const columns = by.map((name) => `s.${name}, `).join("");
  // Numbers are bound as floating point: the cast makes it a division of whole numbers.
  const at = "(r.start - CAST(? AS INTEGER)) / CAST(? AS INTEGER) AS at";
  const rows = database
    .prepare(`SELECT ${columns}${at}, ${summed} ${text} GROUP BY ${columns}at ORDER BY at`)
    .iterate(from, step, ...values);
  const points = new Map<string, Point[]>(groups.map((group) => [keyOf(group.by, by), []]));
  for (const row of rows) {
    const own = points.get(keyOf(valuesOf(row, by), by));
    own?.push({ start: from + Number(row["at"]) * step, ...new Sums().add(row).measures });
  }
  return groups.map((group) => ({ ...group, points: points.get(keyOf(group.by, by)) ?? [] }));
}

function valuesOf(row: Row, by: readonly Dimension[]): Group["by"] {
  return Object.fromEntries(by.map((name) => [name, String(row[name])]));
}

function keyOf(values: Group["by"], by: readonly Dimension[]): string {
  return by.map((name) => values[name]).join("\n");
}

function rank(group: Measures, order: Order): number {
  if (order === "mean" || order === "p50" || order === "p95" || order === "p99" || order === "max") {
    return group.latency?.[order] ?? 0;
  }
  return group[order];
}

function tooMuch(why: string): GatewayError {
  const message = `${why}: ask for a shorter time, a larger step or fewer dimensions`;
  return new GatewayError("client-malformed", 400, message, { source: "client", expose: true });
}
