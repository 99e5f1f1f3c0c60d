import { setTimeout as sleep } from "node:timers/promises";

/** @throws AbortError when the signal says so */
export function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return sleep(seconds * 1000, undefined, { signal });
}
