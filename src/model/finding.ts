/** What came of one check. Texts are for people, and hold no secret. */
export interface Finding {
  /** What is checked, such as an API: findings of one stand together. */
  readonly group: string;
  readonly name: string;
  /** `warned`: it holds, and somebody should know. `skipped`: it could not be told, and `detail` says why. */
  readonly state: "passed" | "failed" | "warned" | "skipped";
  /** Stable, for scripts. */
  readonly code: string;
  readonly detail: string;
  /** What to do; null: nothing. */
  readonly fix: string | null;
  readonly ms: number;
}

export interface FindingReport {
  /** `verify`, `drift`, `doctor`. */
  readonly command: string;
  readonly title: string;
  /** ISO 8601. */
  readonly time: string;
  readonly findings: readonly Finding[];
}

export type FindingCounts = Readonly<Record<Finding["state"], number>>;

export function countsOf(findings: readonly Finding[]): FindingCounts {
  const counts = { passed: 0, failed: 0, warned: 0, skipped: 0 };
  for (const { state } of findings) counts[state] += 1;
  return counts;
}

/** In the order in which they came, one entry a group. */
export function byGroup(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  return Map.groupBy(findings, ({ group }) => group);
}
