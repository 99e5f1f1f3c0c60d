import type { Steps } from "#lib/slices.ts";
import { failed } from "./failure.ts";

/**
 * Work that hands over other work to be done before it goes on. Templates call templates thousands deep, and a
 * stylesheet's depth must not be the stack's.
 */
export type Task = Generator<Task, void, void>;

/** Pieces of work between two places to leave. */
const stretch = 32;

/** Templates inside one another: each takes a few. */
const maxDepth = 20_000;

/** Does a piece of work and all that it hands over. @param onStretch told each time others may have had their turn */
export function* perform(task: Task, onStretch: () => void): Steps<undefined> {
  const open = [task];
  let pieces = 0;
  for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
    const { done, value } = at.next();
    if (done === true) open.pop();
    else if (open.push(value as Task) > maxDepth) failed("templates call one another too deeply");
    if (++pieces % stretch === 0) {
      yield;
      onStretch();
    }
  }
  return undefined;
}
