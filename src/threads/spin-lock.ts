import { GatewayError } from "#model/errors.ts";

/** A lock is held for well below a microsecond, so a longer wait means that its holder is not running. */
const SPINS = 200;
const SLEEP_MS = 1;
const MAX_SLEEPS = 2000;

/**
 * Takes the lock at `words[at]`. The lock word holds the owner's generation (not 0), so that {@link clearLocks} can
 * free what a dead thread held. Not re-entrant.
 * @throws GatewayError `store-unavailable` after about 2 s: the holder died and nobody cleared its locks.
 */
export function acquire(words: Int32Array, at: number, generation: number): void {
  if (Atomics.compareExchange(words, at, 0, generation) !== 0) acquireSlowly(words, at, generation);
}

export function tryAcquire(words: Int32Array, at: number, generation: number): boolean {
  return Atomics.compareExchange(words, at, 0, generation) === 0;
}

/** Wakes nobody: sleepers wake by time-out, which spares the usual release a futex call. */
export function release(words: Int32Array, at: number): void {
  Atomics.store(words, at, 0);
}

/** Frees every lock in `words[from … from + count)` held by a generation. Only for threads that have *exited*. */
export function clearLocks(words: Int32Array, from: number, count: number, generation: number): number {
  let cleared = 0;
  for (let at = from; at < from + count; at++) {
    if (Atomics.compareExchange(words, at, generation, 0) === generation) cleared++;
  }
  return cleared;
}

/**
 * The pause before attempt number `attempt` while `words[at]` is still `seen`: first a spin, then a sleep.
 * @throws GatewayError `store-unavailable` when that has gone on for about 2 s.
 */
export function backOff(words: Int32Array, at: number, seen: number, attempt: number): void {
  if (attempt < SPINS) {
    Atomics.pause();
    return;
  }
  Atomics.wait(words, at, seen, SLEEP_MS);
  if (attempt < SPINS + MAX_SLEEPS) return;
  throw new GatewayError("store-unavailable", 503, "shared memory is held by a thread that does not let go", {
    source: "store",
    retryable: true,
  });
}

function acquireSlowly(words: Int32Array, at: number, generation: number): void {
  for (let attempt = 0; ; attempt++) {
    const holder = Atomics.load(words, at);
    if (holder !== 0) backOff(words, at, holder, attempt);
    else if (tryAcquire(words, at, generation)) return;
  }
}
