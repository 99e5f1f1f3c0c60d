import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { makePasswordHash } from "./make.ts";
import { isWeak, parsePasswordHash } from "./parse.ts";
import { verifyPassword } from "./verify.ts";

const salt = new Uint8Array(16).fill(7);

/** From Openwall's crypt_blowfish, and from the tests of the reference implementation of Argon2. */
const others: readonly (readonly [password: string, hash: string])[] = [
  ["U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"],
  ["U*U*U", "$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a"],
  ["password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"],
  ["password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"],
];

describe("hashes of passwords", () => {
  for (const [password, hash] of others) {
    it(`made elsewhere fit: ${hash.slice(0, 28)}`, () => {
      assert.equal(verifyPassword(password, hash), true);
      assert.equal(verifyPassword(`${password}!`, hash), false);
      assert.equal(verifyPassword("", hash), false);
    });
  }

  it("made here fit", () => {
    for (const hash of [
      makePasswordHash("pässword", "bcrypt", 4, salt),
      makePasswordHash("pässword", "argon2id", 0, salt),
    ]) {
      assert.equal(typeof parsePasswordHash(hash), "object", hash);
      assert.equal(verifyPassword("pässword", hash), true);
      assert.equal(verifyPassword("password", hash), false);
    }
  });

  it("of bcrypt: what is longer than it reads is refused, and not cut", () => {
    const hash = makePasswordHash("x".repeat(72), "bcrypt", 4, salt);
    assert.equal(verifyPassword("x".repeat(72), hash), true);
    assert.equal(verifyPassword("x".repeat(73), hash), false);
    assert.throws(() => makePasswordHash("ü".repeat(37), "bcrypt", 4, salt), RangeError);
  });

  it("are refused when they are none, or cost too much", () => {
    const bcrypt = "CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
    const digest = "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    for (const text of [
      "secret",
      "",
      `$2a$17$${bcrypt}`,
      `$2a$31$${bcrypt}`,
      `$2x$10$${bcrypt}`,
      `$2a$10$${bcrypt}x`,
      `$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$${digest}`,
      `$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$${digest}`,
      `$argon2id$v=19$m=65536,t=999,p=1$c29tZXNhbHQ$${digest}`,
      `$argon2id$v=19$m=65536,t=2,p=0$c29tZXNhbHQ$${digest}`,
    ]) {
      assert.equal(typeof parsePasswordHash(text), "string", text);
      assert.equal(verifyPassword("secret", text), false, text);
    }
  });

  it("are weak below OWASP's least", () => {
    const weak = (text: string): boolean => {
      const parsed = parsePasswordHash(text);
      return typeof parsed === "string" || isWeak(parsed);
    };
    assert.equal(weak(makePasswordHash("x", "bcrypt", 9, salt)), true);
    assert.equal(weak(makePasswordHash("x", "bcrypt", 10, salt)), false);
    assert.equal(weak(makePasswordHash("x", "argon2id", 0, salt)), false);
    assert.equal(weak(others[2]?.[1] ?? ""), true);
  });
});
