import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { describe, it } from "node:test";
import { importKeySet } from "./key-set.ts";
import { rsaProblem } from "./rsa-checks.ts";
import { rocaModulus } from "./testing/roca.ts";
import { importVerificationKey, type JwkFields } from "./verification-key.ts";

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey.export({ format: "jwk" }) as JwkFields;
const curve = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "jwk" }) as JwkFields;
const edwards = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" }) as JwkFields;
const secret = { kty: "oct", k: Buffer.alloc(32, 7).toString("base64url") };

async function algorithmsOf(jwk: JwkFields): Promise<string> {
  const key = await importVerificationKey(jwk);
  return typeof key === "string" ? key : [...key.byAlgorithm.keys()].join(" ");
}

describe("a key says what it is for", () => {
  it("by type and curve, and by alg when it names one", async () => {
    assert.equal(await algorithmsOf(rsa), "RS256 RS384 RS512 PS256 PS384 PS512");
    assert.equal(await algorithmsOf({ ...rsa, alg: "PS256", use: "sig" }), "PS256");
    assert.equal(await algorithmsOf(curve), "ES256");
    assert.equal(await algorithmsOf(edwards), "EdDSA Ed25519");
    const large = generateKeyPairSync("ec", { namedCurve: "P-521" }).publicKey.export({ format: "jwk" }) as JwkFields;
    assert.equal(await algorithmsOf({ ...large, alg: "ES521" }), "ES512");
    assert.equal(await algorithmsOf(secret), "HS256");
  });

  it("refuses what does not fit together", async () => {
    assert.equal(await algorithmsOf({ ...rsa, use: "enc" }), "use is not sig");
    assert.equal(await algorithmsOf({ ...rsa, key_ops: ["encrypt"] }), "key_ops lacks verify");
    assert.equal(await algorithmsOf({ ...rsa, alg: "HS256" }), "alg does not fit the key");
    for (const alg of ["ES384", "ES521"]) {
      assert.equal(await algorithmsOf({ ...curve, alg }), "alg does not fit the key");
    }
    assert.equal(await algorithmsOf({ ...curve, crv: "secp256k1" }), "unknown curve");
    assert.equal(await algorithmsOf({ ...curve, crv: "toString" }), "unknown curve");
    assert.equal(await algorithmsOf({ ...curve, y: curve["x"] }), "the runtime refuses the key");
    assert.equal(await algorithmsOf({ ...rsa, d: "AQAB" }), "a private key is published");
    assert.equal(await algorithmsOf({ ...secret, k: "AAAA" }), "alg does not fit the key");
    assert.equal(await algorithmsOf({ kty: "AKP" }), "unknown kty");
  });
});

describe("a weak RSA key is refused", () => {
  const exponent = Buffer.from([1, 0, 1]);
  const sound = Buffer.from(rsa["n"] as string, "base64url");

  it("by size and exponent", () => {
    assert.equal(rsaProblem(sound, exponent), undefined);
    assert.match(rsaProblem(sound.subarray(0, 128), exponent) ?? "", /bits/);
    assert.match(rsaProblem(Buffer.concat([sound, Buffer.alloc(1024, 1)]), exponent) ?? "", /bits/);
    assert.match(rsaProblem(sound, Buffer.from([1])) ?? "", /exponent/);
    assert.match(rsaProblem(sound, Buffer.from([2])) ?? "", /exponent/);
  });

  it("by the fingerprint of ROCA", () => {
    assert.match(rsaProblem(rocaModulus(), exponent) ?? "", /ROCA/);
  });
});

describe("a key set", () => {
  it("leaves out secrets that stand among public keys, and names that stand for two", async () => {
    const mixed = await importKeySet({
      keys: [
        { ...curve, kid: "a" },
        { ...secret, kid: "b" },
      ],
    });
    assert.deepEqual([...(mixed?.byId.keys() ?? [])], ["a"]);
    const doubled = await importKeySet({
      keys: [
        { ...curve, kid: "a" },
        { ...rsa, kid: "a" },
        { ...edwards, kid: "c" },
      ],
    });
    assert.deepEqual([...(doubled?.byId.keys() ?? [])], ["c"]);
    assert.deepEqual(doubled?.problems, ["a kid names several keys"]);
  });

  it("is bounded, and must be one", async () => {
    assert.equal(await importKeySet({ keys: Array.from({ length: 65 }, () => curve) }), undefined);
    for (const document of [null, [], {}, { keys: {} }]) assert.equal(await importKeySet(document), undefined);
  });
});
