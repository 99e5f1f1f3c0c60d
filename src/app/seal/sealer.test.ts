import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { GatewayError } from "#model/errors.ts";
import { createSealer, sealedUnder, type SealingKey } from "./sealer.ts";

const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const keyOf = (id: string): SealingKey => ({ id: id.repeat(8), key: randomBytes(32) });
const isBroken = (error: GatewayError): boolean => error.code === "seal-broken";

describe("sealer", () => {
  const [old, current] = [keyOf("0a"), keyOf("1b")];
  const sealer = createSealer([current, old], random);
  const secret = Buffer.from("a secret that is looked for");

  it("opens what it has sealed, empty and large, and shows nothing of it", () => {
    for (const plain of [secret, Buffer.alloc(0), randomBytes(100_000)]) {
      const sealed = sealer.seal(plain, "ca/root.key");
      assert.deepEqual(Buffer.from(sealer.open(sealed, "ca/root.key")), plain);
    }
    const sealed = Buffer.from(sealer.seal(secret, "a"));
    assert.ok(!sealed.includes(secret.subarray(0, 4)));
    assert.notDeepEqual(sealed, Buffer.from(sealer.seal(secret, "a")));
  });

  it("opens under the same context only", () => {
    const sealed = sealer.seal(secret, "session/1");
    assert.throws(() => sealer.open(sealed, "session/2"), isBroken);
    assert.throws(() => sealer.open(sealed, ""), isBroken);
  });

  it("refuses each byte that was altered, and each length", () => {
    const sealed = Buffer.from(sealer.seal(secret, "x"));
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Buffer.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ 1;
      assert.throws(() => sealer.open(altered, "x"), isBroken, `byte ${at}`);
      assert.throws(() => sealer.open(sealed.subarray(0, at), "x"), isBroken, `length ${at}`);
    }
    assert.throws(() => sealer.open(Buffer.concat([sealed, Buffer.alloc(1)]), "x"), isBroken);
  });

  it("seals under the first key and opens under each", () => {
    const before = createSealer([old], random).seal(secret, "x");
    assert.equal(sealedUnder(before), old.id);
    assert.deepEqual(Buffer.from(sealer.open(before, "x")), secret);
    assert.equal(sealedUnder(sealer.seal(secret, "x")), current.id);
    assert.throws(() => createSealer([current], random).open(before, "x"), isBroken);
  });

  it("names the context in its error and nothing else", () => {
    const sealed = sealer.seal(secret, "x");
    assert.throws(() => sealer.open(sealed, "ca/root.key"), /what is sealed as ca\/root\.key cannot be opened/);
  });

  it("gives each context a key of its own", () => {
    // With one nonce for all, equal keys would make equal ciphertexts.
    const fixed = createSealer([current], { bytes: (count) => new Uint8Array(count) });
    const [a, b] = ["a", "b"].map((context) => Buffer.from(fixed.seal(secret, context)));
    assert.notDeepEqual(a?.subarray(21, -16), b?.subarray(21, -16));
  });
});
