import type { PolicySpec } from "./spec.ts";

/** It is known, and no engine runs it yet. */
export function isWaiting({ pending }: PolicySpec): boolean {
  return pending === true || pending === "checked";
}
