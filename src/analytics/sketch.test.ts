import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { accuracy, Sketch } from "./sketch.ts";
import { readSketch, sketchBytes } from "./sketch-bytes.ts";

/** Numbers from 0 to 1, the same at each run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Times as they come: even, or over many powers of ten, or all the same. */
function timesOf(random: () => number): number[] {
  const count = 1 + Math.floor(random() * 400);
  const kind = Math.floor(random() * 3);
  const fixed = random() * 50 + 0.01;
  return Array.from({ length: count }, () => {
    if (kind === 0) return 0.01 + random() * 1000;
    return kind === 1 ? 10 ** (random() * 9 - 2.9) : fixed;
  });
}

const sketchOf = (times: readonly number[]): Sketch => {
  const sketch = new Sketch();
  for (const time of times) sketch.add(time);
  return sketch;
};
const buckets = (sketch: Sketch): readonly (readonly number[])[] => {
  const all: number[][] = [];
  sketch.each((bucket, count) => all.push([bucket, count]));
  return all;
};

describe("a sketch of times", () => {
  it("gives each quantile within its accuracy, whatever the times", () => {
    const random = randomOf(1);
    for (let round = 0; round < 300; round += 1) {
      const times = timesOf(random).toSorted((a, b) => a - b);
      const sketch = sketchOf(times);
      for (const share of [0, 0.01, 0.5, 0.9, 0.95, 0.99, 1]) {
        const real = times[Math.max(1, Math.ceil(share * times.length)) - 1] as number;
        const off = Math.abs((sketch.quantile(share) as number) - real) / real;
        assert.ok(off <= accuracy + 1e-9, `round ${round}, ${share}: off by ${off}`);
      }
    }
  });

  it("is the same merged from parts as made of all, in any order", () => {
    const random = randomOf(2);
    for (let round = 0; round < 300; round += 1) {
      const [a, b, c] = [timesOf(random), timesOf(random), timesOf(random)];
      const all = sketchOf([...a, ...b, ...c]);
      const merged = sketchOf(c);
      for (const part of [a, b]) merged.merge(sketchOf(part));
      assert.deepEqual(buckets(merged), buckets(all));
      assert.equal(merged.count, all.count);
    }
  });

  it("comes back from its bytes as it was, with counts beyond 32 bits", () => {
    const random = randomOf(3);
    for (let round = 0; round < 200; round += 1) {
      const sketch = sketchOf(timesOf(random));
      sketch.addTo(Math.floor(random() * 1000), 2 ** 40 + 1);
      assert.deepEqual(buckets(readSketch(sketchBytes(sketch))), buckets(sketch));
    }
  });

  it("takes what is no time of a request, and damaged bytes, without harm", () => {
    const sketch = sketchOf([0, -1, Number.NaN, 1e300]);
    assert.equal(sketch.count, 4);
    assert.equal(sketch.quantile(0.5), 0.001);
    assert.equal(new Sketch().quantile(0.5), null);
    assert.equal(readSketch(Uint8Array.of(5)).count, 0);
    assert.equal(readSketch(Uint8Array.of(255, 255, 255, 255, 1, 1)).count, 0);
  });

  it("can be used again when it was cleared", () => {
    const sketch = sketchOf([5, 500]);
    sketch.clear();
    sketch.add(7);
    assert.deepEqual([sketch.count, Math.round(sketch.quantile(0.99) as number)], [1, 7]);
  });
});
