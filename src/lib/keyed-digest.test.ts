import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { it } from "node:test";
import { createKeyedDigest } from "./keyed-digest.ts";

function hmac(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}

it("is HMAC-SHA-256, for keys and texts of every length", () => {
  for (const length of [32, 33, 63, 64]) {
    const key = Uint8Array.from({ length }, (_, at) => at * 7 + length);
    const digest = createKeyedDigest(key);
    for (const size of [0, 1, 55, 56, 64, 255, 256, 257, 5000]) {
      for (const letter of ["k", "é", "€", "😀", "\ud800"]) {
        const text = letter.repeat(size);
        assert.equal(Buffer.from(digest(text)).toString("hex"), hmac(key, text), `${letter} × ${size}`);
      }
    }
  }
});

it("gives new bytes each time, and keeps no hold of the caller's key", () => {
  const key = new Uint8Array(32).fill(1);
  const digest = createKeyedDigest(key);
  const first = digest("a");
  const copy = Uint8Array.from(first);
  key.fill(0);
  digest("b");
  assert.deepEqual(Uint8Array.from(first), copy);
  assert.deepEqual(Uint8Array.from(digest("a")), copy);
});

it("refuses a key that is too short to be one, or longer than a block", () => {
  for (const length of [0, 31, 65]) assert.throws(() => createKeyedDigest(new Uint8Array(length)), RangeError);
});
