import { setImmediate } from "node:timers/promises";

/** Work that can be left and taken up again: each `yield` is such a place. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** Longest stretch of work before everything else that waits for the thread has its turn. */
const sliceMs = 2;

/** @throws what the steps throw */
export async function inSlices<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const end = performance.now() + sliceMs;
    do {
      const step = steps.next();
      if (step.done === true) return step.value;
    } while (performance.now() < end);
    await setImmediate();
  }
}

/** All of it now: for a thread that serves nobody yet. @throws what the steps throw */
export function atOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** `map`, with a place to leave after each item. */
export function* mapSteps<Item, Result>(items: readonly Item[], map: (item: Item) => Result): Steps<Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    results.push(map(item));
    yield;
  }
  return results;
}
