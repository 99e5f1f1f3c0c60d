import { quantile } from "./statistics.ts";

/** What is measured, one figure a round: CPU µs a request by key of the target, `key@metric` for anything else. */
export type Series = ReadonlyMap<string, readonly number[]>;

/** A figure, or what two of the same round are to each other, and what that is to be. */
export interface Goal {
  /** The case that measures it. */
  readonly case: string;
  readonly what: string;
  readonly of: string;
  /** How `of` is held against `by`; null: it stands by itself. */
  readonly against: { readonly sign: "÷" | "−"; readonly by: string } | null;
  readonly unit: "" | "ms" | "KB" | "MB/s";
  readonly better: "less" | "more";
  /** null: it is told, and held to nothing. */
  readonly must: number | null;
  readonly goal: number | null;
}

export interface Measured extends Goal {
  /** Median over the rounds. */
  readonly value: number;
  /** A quarter and three quarters on. */
  readonly quartiles: readonly [number, number];
  readonly verdict: "goal" | "must" | "missed" | "told";
}

/**
 * Holds what was measured to its goals. Of two that ran in the same round the figures of that round are compared: what a
 * machine does to one turn, it does to the next as well.
 * @returns without those of which one side has not run
 */
export function judge(series: Series, goals: readonly Goal[]): Measured[] {
  return goals.flatMap((goal): Measured[] => {
    const values = valuesOf(series, goal);
    if (values.length === 0) return [];
    const value = quantile(values, 0.5);
    const quartiles = [quantile(values, 0.25), quantile(values, 0.75)] as const;
    return [{ ...goal, value, quartiles, verdict: verdictOf(goal, value) }];
  });
}

function valuesOf(series: Series, { of, against }: Goal): readonly number[] {
  const own = series.get(of) ?? [];
  if (against === null) return own.filter(Number.isFinite);
  const others = series.get(against.by) ?? [];
  return own
    .slice(0, others.length)
    .map((one, round) => {
      const other = others[round] as number;
      return against.sign === "÷" ? one / other : one - other;
    })
    .filter(Number.isFinite);
}

function verdictOf({ better, must, goal }: Goal, value: number): Measured["verdict"] {
  const reaches = (aim: number): boolean => (better === "less" ? value <= aim : value >= aim);
  if (must === null) return "told";
  if (goal !== null && reaches(goal)) return "goal";
  return reaches(must) ? "must" : "missed";
}
