import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { it } from "node:test";
import { createKeyHasher, generateKey } from "./keys.ts";

it("a key has a known beginning and 256 random bits", () => {
  const key = generateKey({ bytes: (count) => new Uint8Array(count).fill(0xff) });
  assert.equal(key, `sp_${"_".repeat(42)}8`);
  const keys = new Set(Array.from({ length: 1000 }, () => generateKey({ bytes: randomBytes })));
  assert.equal(keys.size, 1000);
  for (const one of keys) assert.match(one, /^sp_[A-Za-z0-9_-]{43}$/);
  assert.throws(() => generateKey({ bytes: () => new Uint8Array(31) }), { code: "internal" });
});

it("a digest depends on key and pepper, by HMAC-SHA-256", () => {
  const pepper = randomBytes(32);
  const digest = createKeyHasher(pepper).digest("sp_abc");
  assert.deepEqual(Buffer.from(digest), createHmac("sha256", pepper).update("sp_abc").digest());
  assert.notDeepEqual(digest, createKeyHasher(randomBytes(32)).digest("sp_abc"));
  assert.throws(() => createKeyHasher(new Uint8Array(16)), { code: "internal" });
});
