/** A ratio of CPU per request of two cases, and what it is to be. */
export interface Goal {
  readonly what: string;
  /** Keys of cases: `proxy:case`. */
  readonly of: string;
  readonly by: string;
  readonly must: number;
  readonly goal: number;
}

/** What the gateway is held to, with one worker, 64 connections and 400 bytes of JSON where nothing else is said. */
export const goals: readonly Goal[] = [
  ratio("whole policy path ÷ nginx bare", "sallyport:whole", "nginx:bare", 2.2, 1.5),
  ratio(
    "whole policy path ÷ HAProxy with key, RS256, claims, rate, log",
    "sallyport:whole",
    "haproxy:policy",
    0.65,
    0.45,
  ),
  ratio("whole policy path ÷ Caddy bare", "sallyport:whole", "caddy:bare", 0.4, 0.27),
  ratio("bare ÷ nginx bare", "sallyport:bare", "nginx:bare", 1.8, 1.3),
  ratio("HTTP/2: whole policy path ÷ nginx bare", "sallyport:whole-h2", "nginx:bare-h2", 3.5, 2.5),
  ratio("HTTP/2: whole policy path ÷ Caddy bare", "sallyport:whole-h2", "caddy:bare-h2", 0.4, 0.25),
  ratio("whole policy path, two workers ÷ one", "sallyport:whole-two-workers", "sallyport:whole", 1.15, 1.05),
  ratio("whole policy path, strict record ÷ batched", "sallyport:whole-strict", "sallyport:whole", 1.3, 1.15),
];

function ratio(what: string, of: string, by: string, must: number, goal: number): Goal {
  return { what, of, by, must, goal };
}

export interface Measured extends Goal {
  /** Median of the ratios of each round, where both have run one after the other. */
  readonly ratio: number;
  /** Of those ratios, a quarter and three quarters on. */
  readonly quartiles: readonly [number, number];
  readonly verdict: "goal" | "must" | "missed";
}

/**
 * Ratios of what was measured in the same rounds: what a machine does to one turn, it does to the next as well.
 * @param micros CPU per request, by key of the case, one a round
 * @returns without those of which one side has not run
 */
export function judge(micros: ReadonlyMap<string, readonly number[]>, wanted: readonly Goal[] = goals): Measured[] {
  return wanted.flatMap((goal): Measured[] => {
    const [of, by] = [micros.get(goal.of) ?? [], micros.get(goal.by) ?? []];
    const ratios = of.flatMap((one, round) => {
      const other = by[round];
      return other === undefined || other === 0 ? [] : [one / other];
    });
    if (ratios.length === 0) return [];
    const at = quantile(ratios, 0.5);
    const verdict = at <= goal.goal ? "goal" : at <= goal.must ? "must" : "missed";
    return [{ ...goal, ratio: at, quartiles: [quantile(ratios, 0.25), quantile(ratios, 0.75)], verdict }];
  });
}

/** Between the two that are next to it. @param values at least one @param share 0 to 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return below + (above - below) * (place - Math.floor(place));
}
