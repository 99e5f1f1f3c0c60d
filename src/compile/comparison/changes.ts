import { canonicalJson } from "#compile/canonical.ts";
import { partsOf } from "./parts.ts";

/** A place where two trees differ, as deep as both have parts. */
export interface Change {
  readonly path: readonly string[];
  /** Undefined: nothing is there. */
  readonly before: unknown;
  readonly after: unknown;
  readonly isOrder?: true;
}

/**
 * Whatever makes the one's hash another than the other's is told by at least one change, and nothing else is: both go by
 * `canonicalJson`.
 */
export function changesBetween(before: unknown, after: unknown, path: readonly string[] = []): readonly Change[] {
  if (same(before, after)) return [];
  const [was, is] = [partsOf(before), partsOf(after)];
  if (was === undefined || is === undefined) return [{ path, before, after }];
  const keys = [...new Set([...was.keys(), ...is.keys()])];
  const found = keys.flatMap((key) => changesBetween(was.get(key), is.get(key), [...path, key]));
  const isOrder = Array.isArray(before) && isReordered([...was.keys()], [...is.keys()]);
  if (isOrder) return [...found, { path, before: [...was.keys()], after: [...is.keys()], isOrder }];
  return found.length > 0 ? found : [{ path, before, after }];
}

function same(before: unknown, after: unknown): boolean {
  if (before === undefined || after === undefined) return before === after;
  return canonicalJson(before) === canonicalJson(after);
}

/** What both have stands in another order. */
function isReordered(before: readonly string[], after: readonly string[]): boolean {
  const [was, is] = [new Set(before), new Set(after)];
  const kept = after.filter((key) => was.has(key));
  return before.filter((key) => is.has(key)).some((key, at) => key !== kept[at]);
}
