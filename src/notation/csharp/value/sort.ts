import { step } from "./run.ts";

/** A stable sort whose comparisons are counted. */
export function sortItems(items: readonly unknown[], compare: (a: unknown, b: unknown) => number): unknown[] {
  return items.toSorted((a, b) => {
    step();
    return compare(a, b);
  });
}
