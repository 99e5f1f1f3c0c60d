import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyedHash, reduce } from "./keyed-hash.ts";

function hashed(hash: KeyedHash, a: number, b: number, c: number, text: string): string {
  hash.digest(a, b, c, text);
  return `${hash.high >>> 0}/${hash.low >>> 0}`;
}

test("every part of the input and both halves of the key count", () => {
  const one = new KeyedHash(1, 2);
  const results = [
    hashed(one, 0, 0, 0, ""),
    hashed(one, 1, 0, 0, ""),
    hashed(one, 0, 1, 0, ""),
    hashed(one, 0, 0, 1, ""),
    ...["\0", "\0\0", "\0\0\0", "a", "b", "ab", "ba", "abc", "a\u0100", "aā".repeat(40)].map((text) =>
      hashed(one, 0, 0, 0, text),
    ),
    hashed(new KeyedHash(2, 2), 0, 0, 0, ""),
    hashed(new KeyedHash(1, 3), 0, 0, 0, ""),
  ];
  assert.equal(new Set(results).size, results.length);
  assert.equal(hashed(one, 5, 6, 7, "again"), hashed(new KeyedHash(1, 2), 5, 6, 7, "again"));
});

test("similar keys spread evenly, in both halves", () => {
  const hash = new KeyedHash(0x1234, 0x5678);
  const buckets = { high: new Int32Array(64), low: new Int32Array(64) };
  for (let i = 0; i < 64_000; i++) {
    hash.digest(1, 1, 1, `key-${i}`);
    buckets.high[reduce(hash.high, 64)]! += 1;
    buckets.low[reduce(hash.low, 64)]! += 1;
  }
  for (const count of [...buckets.high, ...buckets.low]) assert.ok(count > 800 && count < 1200, `${count}`);
});
