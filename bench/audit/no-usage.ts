import type { EventSink } from "#model/ports.ts";

/** In the place of `src/app/metrics/usage.ts`: nothing is counted for analytics. For the bench alone. */
export function countingUsage(_usage: unknown, _snapshot: unknown, _clock: unknown, sink: EventSink): EventSink {
  return sink;
}
