import { CELLS, RECORD_HEADER, STRIDES, SUB_WINDOWS, WINDOWED } from "./limiter-layout.ts";

/*
 * A record is changed under a lock whose holder may be killed at any store. So each change ends with one store that
 * makes it count, and everything before that store touches only what no reader of the old state looks at.
 *
 * Times are stored modulo 2^32 ms and compared by difference. A record not touched since its expiry tick is reset
 * first, so no difference is larger than twice the period, far below the 24 days at which it would turn round.
 */

/**
 * Takes `amount` calls from the record at `base`, all or none; 0 only looks, and is refused when the limit is reached.
 * A negative one has happened already: it counts as far as there is room. Returns calls left, or minus the milliseconds
 * until they can pass.
 */
export function takeFromRecord(
  words: Int32Array,
  base: number,
  cls: number,
  calls: number,
  period: number,
  now: number,
  amount: number,
): number {
  return cls === WINDOWED
    ? takeWindowed(words, base, calls, period, now, amount)
    : takeExact(words, base, STRIDES[cls]! - RECORD_HEADER - 1, calls, period, now, amount);
}

/** How many of the calls that are left are taken; -1: none, it is refused. */
function granted(left: number, amount: number): number {
  if (amount < 0) return Math.min(-amount, left);
  return left < Math.max(1, amount) ? -1 : amount;
}

export function resetRecord(words: Int32Array, base: number, cls: number, period: number, now: number): void {
  if (cls === WINDOWED) words.fill(0, base + RECORD_HEADER, base + RECORD_HEADER + CELLS);
  Atomics.store(words, base, cls === WINDOWED ? windowOf(now, period) | 0 : 0);
}

/**
 * Ring of timestamps; state is `head << 16 | count`. An event is stored rounded up and the present is rounded down, so
 * fractions of a millisecond never let one through early.
 */
function takeExact(
  words: Int32Array,
  base: number,
  mask: number,
  calls: number,
  period: number,
  now: number,
  amount: number,
): number {
  const ring = base + RECORD_HEADER;
  const present = Math.floor(now) | 0;
  let head = words[base]! >>> 16;
  let count = words[base]! & 0xffff;
  while (count > 0 && ((present - words[ring + head]!) | 0) >= period) {
    head = (head + 1) & mask;
    count--;
  }
  const left = Math.max(0, calls - count);
  const taken = granted(left, amount);
  if (taken < 0) {
    Atomics.store(words, base, (head << 16) | count);
    // The oldest that have to go first; what is more than the whole limit waits for ever, and is told a period.
    const goes = Math.min(Math.max(1, amount) - left, count) - 1;
    return goes < 0 ? -period : -((period - ((present - words[ring + ((head + goes) & mask)]!) | 0)) | 0);
  }
  for (let nth = 0; nth < taken; nth++) words[ring + ((head + count + nth) & mask)] = Math.ceil(now) | 0;
  Atomics.store(words, base, (head << 16) | (count + taken));
  return left - taken;
}

/**
 * Counts per sub-window of period/64; state is the number of the newest. An event counts until its sub-window's *end*
 * is a period old: never over, and a call waits at most period/64 longer than it had to.
 */
function takeWindowed(
  words: Int32Array,
  base: number,
  calls: number,
  period: number,
  now: number,
  amount: number,
): number {
  const window = windowOf(now, period);
  advance(words, base, window);
  const cells = base + RECORD_HEADER;
  let sum = 0;
  for (let cell = cells; cell < cells + CELLS; cell++) sum += words[cell]!;
  const left = Math.max(0, calls - sum);
  const taken = granted(left, amount);
  if (taken < 0) return -waitFor(words, cells, window, period, now, Math.max(1, amount) - left);
  const cell = cells + (window % CELLS);
  Atomics.store(words, cell, words[cell]! + taken);
  return left - taken;
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

/** Until so many of the oldest have gone, or all have. */
function waitFor(
  words: Int32Array,
  cells: number,
  window: number,
  period: number,
  now: number,
  needed: number,
): number {
  let oldest = window - CELLS + 1;
  for (let gone = 0; oldest < window; oldest++) {
    gone += oldest < 0 ? 0 : words[cells + (oldest % CELLS)]!;
    if (gone >= needed) break;
  }
  return Math.max(1, Math.ceil(((oldest + CELLS) * period) / SUB_WINDOWS - now));
}
