import { defaultLimits, type RunLimits } from "#notation/csharp/value/run.ts";

let current: RunLimits = defaultLimits;

/** Of each expression on this thread from now on. */
export function expressionLimits(): RunLimits {
  return current;
}

/** @param milliseconds of the thread's own time for one expression */
export function setExpressionTime(milliseconds: number): void {
  current = { ...defaultLimits, milliseconds };
}
