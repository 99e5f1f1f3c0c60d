import type { ThreadTimes } from "./thread-times.ts";

/** Of the gateway, as `/proc` cuts them: the writer, the search index among the rest in the background, analytics' store. */
const ownThreads = ["sallyport-audit", "sallyport-backg", "analytics"] as const;

export interface Parts {
  /** µs a request of the threads that work for the record and analytics, beyond what they take without either. */
  readonly own: number;
  /** µs a request of the worker. */
  readonly worker: number;
  /** Of both in what all threads take for a request without them. */
  readonly share: number;
}

/** @throws Error when the gateway's threads have other names than those known here */
export function addedByParts(recorded: ThreadTimes, bare: ThreadTimes, worker: number): Parts {
  const own = ownThreads.reduce((sum, name) => sum + timeOf(recorded, name) - timeOf(bare, name), 0);
  const all = [...bare.values()].reduce((sum, time) => sum + time, 0);
  return { own, worker, share: (own + worker) / all };
}

function timeOf(times: ThreadTimes, name: string): number {
  const time = times.get(name);
  if (time === undefined) throw new Error(`the gateway has no thread ${name}: what it costs is not known`);
  return time;
}
