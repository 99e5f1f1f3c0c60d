import { CELLS, RECORD_HEADER, STRIDES, SUB_WINDOWS, WINDOWED } from "./limiter-layout.ts";

/*
 * A record is changed under a lock whose holder may be killed at any store. So each change ends with one store that
 * makes it count, and everything before that store touches only what no reader of the old state looks at.
 *
 * Times are stored modulo 2^32 ms and compared by difference. A record not touched since its expiry tick is reset
 * first, so no difference is larger than twice the period, far below the 24 days at which it would turn round.
 */

/** Takes one call from the record at `base`. Returns calls left, or minus the milliseconds until one can pass. */
export function takeFromRecord(
  words: Int32Array,
  base: number,
  cls: number,
  calls: number,
  period: number,
  now: number,
): number {
  return cls === WINDOWED
    ? takeWindowed(words, base, calls, period, now)
    : takeExact(words, base, STRIDES[cls]! - RECORD_HEADER - 1, calls, period, now);
}

export function resetRecord(words: Int32Array, base: number, cls: number, period: number, now: number): void {
  if (cls === WINDOWED) words.fill(0, base + RECORD_HEADER, base + RECORD_HEADER + CELLS);
  Atomics.store(words, base, cls === WINDOWED ? windowOf(now, period) | 0 : 0);
}

/**
 * Ring of timestamps; state is `head << 16 | count`. An event is stored rounded up and the present is rounded down, so
 * fractions of a millisecond never let one through early.
 */
function takeExact(words: Int32Array, base: number, mask: number, calls: number, period: number, now: number): number {
  const ring = base + RECORD_HEADER;
  const present = Math.floor(now) | 0;
  let head = words[base]! >>> 16;
  let count = words[base]! & 0xffff;
  while (count > 0 && ((present - words[ring + head]!) | 0) >= period) {
    head = (head + 1) & mask;
    count--;
  }
  if (count >= calls) {
    Atomics.store(words, base, (head << 16) | count);
    return -((period - ((present - words[ring + head]!) | 0)) | 0);
  }
  words[ring + ((head + count) & mask)] = Math.ceil(now) | 0;
  Atomics.store(words, base, (head << 16) | (count + 1));
  return calls - count - 1;
}

/**
 * Counts per sub-window of period/64; state is the number of the newest. An event counts until its sub-window's *end*
 * is a period old: never over, and a call waits at most period/64 longer than it had to.
 */
function takeWindowed(words: Int32Array, base: number, calls: number, period: number, now: number): number {
  const window = windowOf(now, period);
  advance(words, base, window);
  const cells = base + RECORD_HEADER;
  let sum = 0;
  for (let cell = cells; cell < cells + CELLS; cell++) sum += words[cell]!;
  if (sum >= calls) return -waitFor(words, cells, window, period, now);
  const cell = cells + (window % CELLS);
  Atomics.store(words, cell, words[cell]! + 1);
  return calls - sum - 1;
}

function windowOf(now: number, period: number): number {
  return Math.floor((now * SUB_WINDOWS) / period);
}

/** Empties the cells of sub-windows that passed without a call; their old counts are of the last round. */
function advance(words: Int32Array, base: number, window: number): void {
  const passed = (window - words[base]!) | 0;
  if (passed <= 0) return;
  for (let back = 0; back < passed && back < CELLS && back <= window; back++) {
    words[base + RECORD_HEADER + ((window - back) % CELLS)] = 0;
  }
  Atomics.store(words, base, window | 0);
}

function waitFor(words: Int32Array, cells: number, window: number, period: number, now: number): number {
  let oldest = window - CELLS + 1;
  while (oldest < window && (oldest < 0 || words[cells + (oldest % CELLS)] === 0)) oldest++;
  return Math.max(1, Math.ceil(((oldest + CELLS) * period) / SUB_WINDOWS - now));
}
