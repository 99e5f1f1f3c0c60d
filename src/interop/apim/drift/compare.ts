import type { Facts } from "./facts.ts";

/** A thing that is otherwise than the definition has it. */
export interface Drifted {
  /** As in an APIOps folder. */
  readonly path: string;
  readonly kind: "missing" | "extra" | "changed";
  /** As the definition has it; null: it has no such thing. */
  readonly expected: string | null;
  readonly actual: string | null;
}

/** People make subscriptions, services come with groups, and are watched and used by others too: these are no drift. */
const ofTheService = /^(?:subscriptions|groups|loggers|certificates|schemas)\/|\/diagnostics\//;

/** What differs, in the order of paths. */
export function compareFacts(expected: Facts, actual: Facts): readonly Drifted[] {
  const paths = [...new Set([...expected.keys(), ...actual.keys()])].toSorted((a, b) => (a < b ? -1 : Number(a > b)));
  return paths.flatMap((path): readonly Drifted[] => {
    const [wanted, found] = [expected.get(path) ?? null, actual.get(path) ?? null];
    if (wanted === found || (wanted === null && ofTheService.test(path))) return [];
    const kind = wanted === null ? "extra" : found === null ? "missing" : "changed";
    return [{ path, kind, expected: wanted, actual: found }];
  });
}
