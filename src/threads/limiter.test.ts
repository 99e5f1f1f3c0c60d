import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, test } from "node:test";
import type { RateLimiter } from "#model/ports.ts";
import { limiterId } from "./limiter-id.ts";
import { createLimiter, type SharedLimiter } from "./limiter-layout.ts";
import { attachLimiter, limiterAlarms, MAX_PERIOD_MS } from "./limiter.ts";

const random = { bytes: (count: number): Uint8Array => randomBytes(count) };

interface Fixture {
  readonly shared: SharedLimiter;
  readonly limiter: RateLimiter;
  time: number;
}

function fixture(keys: number = 64, time: number = 0): Fixture {
  const shared = createLimiter({ keys, origin: 0, random });
  const clock = { mono: (): number => made.time };
  const made: Fixture = { shared, limiter: attachLimiter(shared, 1, clock), time };
  return made;
}

/** Small seeded generator (mulberry32), so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

describe("exact up to 256 calls", () => {
  for (const [calls, period, start] of [
    [1, 1000, 0],
    [3, 50, 0],
    [16, 1000, 0],
    [17, 777, 0],
    [64, 10_000, 0],
    [256, 5000, 0],
    [5, 86_400_000, 0],
    [10, 1000, 2 ** 31 - 5000],
    [10, 1000, 2 ** 32 - 5000],
    [20, 86_400_000, 2 ** 32 - 40_000_000],
    [3, MAX_PERIOD_MS, 2 ** 31 - MAX_PERIOD_MS],
  ] as const) {
    test(`${calls} per ${period} ms from ${start} agrees with the naive model`, () => {
      const f = fixture(64, start);
      const next = seeded(calls * 31 + period);
      let admitted: number[] = [];
      for (let i = 0; i < 4000; i++) {
        f.time += Math.floor(next() * next() * ((2 * period) / calls));
        if (next() < 0.003) f.time += Math.floor(next() * 3 * period);
        admitted = admitted.filter((at) => f.time - at < period);
        const got = f.limiter.take(7, "k", calls, period);
        if (admitted.length < calls) {
          assert.equal(got, calls - admitted.length - 1);
          admitted.push(f.time);
        } else {
          assert.equal(got, -((admitted[0] ?? 0) + period - f.time));
        }
      }
    });
  }

  test("fractions of a millisecond never let a call through early", () => {
    const f = fixture(64, 0.9);
    assert.equal(f.limiter.take(1, "k", 1, 10), 0);
    f.time = 10.2;
    assert.equal(f.limiter.take(1, "k", 1, 10), -1);
    f.time = 11;
    assert.equal(f.limiter.take(1, "k", 1, 10), 0);
  });

  test("a counter left alone until the 32-bit clock has come round is empty", () => {
    const f = fixture(64, 1000);
    f.limiter.take(1, "k", 1, 60_000);
    f.time += 2 ** 32 + 10;
    assert.equal(f.limiter.take(1, "k", 1, 60_000), 0);
    assert.ok(f.limiter.take(1, "k", 1, 60_000) < 0);
    f.time += 2 ** 31;
    assert.equal(f.limiter.take(1, "k", 1, 60_000), 0);
  });
});

describe("above 256 calls", () => {
  for (const [calls, period, start] of [
    [257, 1000, 0],
    [1000, 60_000, 0],
    [300, 100, 0],
    [300, 33, 2 ** 32 / 2 - 1000],
    [5000, 86_400_000, 2 ** 32 - 40_000_000],
    [400, 1000, 2 ** 32 - 5000],
  ] as const) {
    test(`${calls} per ${period} ms from ${start}: never over, early by at most period/64`, () => {
      const f = fixture(64, start);
      const next = seeded(calls + period);
      const admitted: number[] = [];
      let outOfSlack = 0;
      let outOfPeriod = 0;
      let refusals = 0;
      for (let i = 0; i < calls * 12; i++) {
        f.time += next() * next() * ((2 * period) / calls);
        while (f.time - (admitted[outOfSlack] ?? Infinity) > period * (1 + 1 / 64) + 1e-6) outOfSlack++;
        while (f.time - (admitted[outOfPeriod] ?? Infinity) >= period - 1e-6) outOfPeriod++;
        const got = f.limiter.take(7, "k", calls, period);
        if (got >= 0) {
          assert.ok(admitted.length - outOfPeriod < calls, "over the limit");
          admitted.push(f.time);
        } else {
          refusals++;
          assert.ok(admitted.length - outOfSlack >= calls, "refused more than period/64 too early");
          assert.ok(got >= -Math.ceil(period * (1 + 1 / 64)));
        }
      }
      assert.ok(refusals > 0);
    });
  }

  test("a call passes when the told wait is over", () => {
    const f = fixture();
    for (let i = 0; i < 300; i++) f.limiter.take(1, "k", 300, 1000);
    const wait = f.limiter.take(1, "k", 300, 1000);
    f.time += -wait - 1;
    assert.ok(f.limiter.take(1, "k", 300, 1000) < 0);
    f.time += 1;
    assert.equal(f.limiter.take(1, "k", 300, 1000), 299);
  });
});

describe("bounds", () => {
  test("keys without room share one strict counter, and the alarm counts them", () => {
    const f = fixture(16);
    const first: number[] = [];
    for (let i = 0; i < 400; i++) first.push(f.limiter.take(1, `key${i}`, 3, 60_000));
    const alarms = limiterAlarms(f.shared);
    const own = 400 - alarms;
    assert.equal(own, 8, "half the table for one family");
    assert.equal(first.filter((left) => left === 2).length, own + 1);
    assert.equal(first.filter((left) => left >= 0).length, own + 3);
    assert.equal(f.limiter.take(1, "key0", 3, 60_000), 1, "a live counter was evicted");
  });

  test("expired counters make room again", () => {
    const f = fixture(16);
    for (let i = 0; i < 200; i++) f.limiter.take(1, `old${i}`, 3, 1000);
    f.time = 10_000;
    for (let i = 0; i < 5; i++) f.limiter.take(1, `warm${i}`, 3, 1000);
    f.time = 20_000;
    const alarms = limiterAlarms(f.shared);
    for (let i = 0; i < 4; i++) assert.equal(f.limiter.take(1, `new${i}`, 3, 1000), 2);
    assert.equal(limiterAlarms(f.shared), alarms);
  });

  test("a key that leaves the shared counter does not get its calls twice", () => {
    const f = fixture(16);
    for (let i = 0; i < 8; i++) f.limiter.take(1, `old${i}`, 3, 10_000);
    f.time = 9000;
    for (let i = 0; i < 3; i++) assert.equal(f.limiter.take(1, "late", 3, 10_000), 2 - i);
    assert.ok(limiterAlarms(f.shared) >= 3);
    for (f.time = 13_000; f.time < 18_900; f.time += 50) {
      assert.ok(f.limiter.take(1, "late", 3, 10_000) < 0, `passed again at ${f.time}`);
    }
    f.time = 19_000;
    assert.equal(f.limiter.take(1, "late", 3, 10_000), 2);
  });

  test("one limit's keys cannot crowd out another's", () => {
    const f = fixture(64);
    for (let i = 0; i < 1000; i++) f.limiter.take(1, `attack${i}`, 3, 60_000);
    const alarms = limiterAlarms(f.shared);
    for (let i = 0; i < 16; i++) assert.equal(f.limiter.take(2, `guest${i}`, 3, 60_000), 2);
    for (let i = 0; i < 8; i++) assert.equal(f.limiter.take(3, `late${i}`, 3, 60_000), 2);
    assert.equal(limiterAlarms(f.shared), alarms);
  });

  test("counters of different limits, keys, calls and periods are apart", () => {
    const f = fixture();
    assert.equal(f.limiter.take(1, "a", 1, 1000), 0);
    assert.equal(f.limiter.take(2, "a", 1, 1000), 0);
    assert.equal(f.limiter.take(1, "b", 1, 1000), 0);
    assert.equal(f.limiter.take(1, "", 1, 1000), 0);
    assert.equal(f.limiter.take(1, "\0", 1, 1000), 0);
    assert.equal(f.limiter.take(1, "a", 2, 1000), 1);
    assert.equal(f.limiter.take(1, "a", 1, 2000), 0);
    assert.equal(f.limiter.take(1, "a", 1, 1000), -1000);
  });

  test("no calls: refused; a senseless period: refused with an error", () => {
    const f = fixture();
    assert.equal(f.limiter.take(1, "a", 0, 1000), -1000);
    assert.equal(f.limiter.take(1, "a", Number.NaN, 1000), -1000);
    for (const period of [0, -1, Number.NaN, MAX_PERIOD_MS + 1]) {
      assert.throws(() => f.limiter.take(1, "a", 1, period), { code: "internal" });
    }
  });

  test("limits that come and go with reloads reuse their place in the registry", () => {
    const f = fixture(64);
    for (let limiter = 0; limiter < 5000; limiter++) {
      f.time += 5000;
      assert.equal(f.limiter.take(limiter, "k", 2, 100), 1);
    }
  });

  test("more limits at once than the registry holds fail closed", () => {
    const f = fixture(4096);
    assert.throws(
      () => {
        for (let limiter = 0; limiter < 5000; limiter++) f.limiter.take(limiter, "k", 2, 100_000);
      },
      { code: "store-unavailable" },
    );
    assert.equal(f.limiter.take(0, "k", 2, 100_000), 0, "the lock was left behind");
  });
});

for (const calls of [10, 1000]) {
  test(`more than one at a time, of ${calls}: all or none, and what has happened already as far as there is room`, () => {
    const f = fixture(64);
    assert.equal(f.limiter.take(1, "k", calls, 6400, 0), calls);
    assert.equal(f.limiter.take(1, "k", calls, 6400, calls - 4), 4);
    f.time += 1000;
    assert.equal(f.limiter.take(1, "k", calls, 6400, 3), 1);
    const wait = -f.limiter.take(1, "k", calls, 6400, 2);
    assert.ok(wait > 5000 && wait <= 5600, `${wait}`);
    assert.equal(f.limiter.take(1, "k", calls, 6400, 0), 1);
    f.limiter.add(1, "k", calls, 6400, 7);
    assert.ok(f.limiter.take(1, "k", calls, 6400, 0) < 0);
    assert.ok(f.limiter.take(1, "k", calls, 6400, calls + 1) < 0);
    f.time += wait;
    assert.equal(f.limiter.take(1, "k", calls, 6400, calls - 4), 0);
  });
}

test("limiterId is stable and tells limits apart", () => {
  assert.equal(limiterId("rate-limit", 10, 60_000), limiterId("rate-limit", 10, 60_000));
  const ids = new Set<number>();
  for (let calls = 1; calls <= 1000; calls++) ids.add(limiterId("rate-limit", calls, 60_000));
  assert.equal(ids.size, 1000);
});
