import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { before, describe, it } from "node:test";
import { CompactEncrypt, CompactSign } from "jose";
import { exportKey, makeAuthority } from "#edge/x509.ts";
import { OwnCertificate } from "#model/own-certificate.ts";
import type { TokenTrust } from "#model/token-trust.ts";
import { KeptLog, ManualClock } from "./testing/doubles.ts";
import { TestIssuer } from "./testing/issuer.ts";
import { createTrustedTokens } from "./trusted-tokens.ts";

const clock = new ManualClock();
const signingSecret = Buffer.alloc(32, 7);
const contentSecret = Buffer.alloc(32, 9);
const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
const other = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pemOf = (key: KeyObject): string => String(key.export({ type: "pkcs8", format: "pem" }));
const certificate = new OwnCertificate("one", "no chain is needed here", "AB".repeat(20), pemOf(pair.privateKey));

const signing = [{ material: { secret: signingSecret.toString("base64") } }];
const byCertificate: TokenTrust = { metadata: [], keys: signing, decryption: [{ material: { certificate } }] };
const bySecret: TokenTrust = {
  metadata: [],
  keys: signing,
  decryption: [{ material: { secret: contentSecret.toString("base64") } }],
};

function signed(payload: object = { sub: "ada" }, key: Uint8Array = signingSecret): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({ alg: "HS256" }).sign(key);
}

function encrypted(
  within: string,
  key: KeyObject | Uint8Array = pair.publicKey,
  header: { alg: string; enc: string } & Record<string, unknown> = { alg: "RSA-OAEP", enc: "A256CBC-HS512" },
): Promise<string> {
  return new CompactEncrypt(Buffer.from(within)).setProtectedHeader(header).encrypt(key);
}

async function answer(token: string, trust: TokenTrust = byCertificate): Promise<string> {
  const tokens = createTrustedTokens({ egress: new TestIssuer(clock), clock, log: new KeptLog() });
  const verdict = await tokens.verify(token, trust);
  return verdict.ok ? `good ${String(verdict.claims["sub"])}` : verdict.reason;
}

describe("an encrypted token", () => {
  it("is opened with the key of a certificate, and judged by what is in it", async () => {
    for (const alg of ["RSA-OAEP", "RSA-OAEP-256"]) {
      for (const enc of ["A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512", "A128GCM", "A256GCM"]) {
        assert.equal(await answer(await encrypted(await signed(), pair.publicKey, { alg, enc })), "good ada");
      }
    }
    const forged = await encrypted(await signed({ sub: "eve" }, Buffer.alloc(32, 1)));
    assert.equal(await answer(forged), "token-signature-invalid");
  });

  it("is opened with the key of a certificate of an elliptic curve", async () => {
    for (const namedCurve of ["P-256", "P-384", "P-521"]) {
      const curve = generateKeyPairSync("ec", { namedCurve });
      const own = new OwnCertificate("curve", "", "EC".repeat(20), pemOf(curve.privateKey));
      const trust: TokenTrust = { ...byCertificate, decryption: [{ material: { certificate: own } }] };
      for (const alg of ["ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"]) {
        for (const enc of ["A128CBC-HS256", "A256GCM"]) {
          assert.equal(await answer(await encrypted(await signed(), curve.publicKey, { alg, enc }), trust), "good ada");
        }
      }
      const header = { alg: "ECDH-ES", enc: "A256GCM" };
      const foreign = generateKeyPairSync("ec", { namedCurve }).publicKey;
      assert.equal(await answer(await encrypted(await signed(), foreign, header), trust), "token-key-unknown");
      assert.equal(await answer(await encrypted(await signed(), curve.publicKey, header)), "token-key-unknown");
    }
    const koblitz = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    const odd = new OwnCertificate("odd", "", "EE".repeat(20), pemOf(koblitz.privateKey));
    const whole = await encrypted(await signed(), generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey, {
      alg: "ECDH-ES",
      enc: "A256GCM",
    });
    assert.equal(
      await answer(whole, { ...byCertificate, decryption: [{ material: { certificate: odd } }] }),
      "token-key-unknown",
    );
  });

  it("is opened with a symmetric key, written in base64: the content's own, or one that wraps it", async () => {
    const header = { alg: "dir", enc: "A128CBC-HS256" };
    assert.equal(await answer(await encrypted(await signed(), contentSecret, header), bySecret), "good ada");
    const wrapped = { alg: "A256KW", enc: "A256GCM" };
    assert.equal(await answer(await encrypted(await signed(), contentSecret, wrapped), bySecret), "good ada");
    const wrong = await encrypted(await signed(), Buffer.alloc(32, 1), header);
    assert.equal(await answer(wrong, bySecret), "token-key-unknown");
    const short: TokenTrust = { ...bySecret, decryption: [{ material: { secret: "dGVzdA==" } }] };
    assert.equal(await answer(await encrypted(await signed(), contentSecret, header), short), "token-key-unknown");
  });

  it("must hold a signed one: that somebody encrypted claims proves nothing", async () => {
    assert.equal(await answer(await encrypted(JSON.stringify({ sub: "eve" }))), "token-malformed");
    const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"sub":"eve"}').toString("base64url")}.`;
    assert.equal(await answer(await encrypted(none)), "token-algorithm-not-allowed");
    // Not a second time.
    assert.equal(await answer(await encrypted(await encrypted(await signed()))), "token-malformed");
  });

  it("is for the key that its kid names: by the key's id, or by the certificate's thumbprint", async () => {
    const foreign = new OwnCertificate("two", "", "CD".repeat(20), pemOf(other.privateKey));
    const trust: TokenTrust = {
      ...byCertificate,
      decryption: [{ material: { certificate: foreign } }, { material: { certificate }, id: "mine" }],
    };
    const named = (kid: string): Promise<string> =>
      signed().then((token) => encrypted(token, pair.publicKey, { alg: "RSA-OAEP", enc: "A256GCM", kid }));
    assert.equal(await answer(await named("mine"), trust), "good ada");
    assert.equal(await answer(await named("unknown"), trust), "good ada");
    assert.equal(await answer(await named("cd".repeat(20)), trust), "token-key-unknown");
    assert.equal(await answer(await named("ab".repeat(20)), byCertificate), "good ada");
  });

  it("is refused in ways that are weak, bring a key along, or are compressed", async () => {
    const whole = await encrypted(await signed());
    const rest = whole.slice(whole.indexOf("."));
    const withHeader = (header: object): string => Buffer.from(JSON.stringify(header)).toString("base64url") + rest;
    const good = { alg: "RSA-OAEP", enc: "A256CBC-HS512" };
    assert.equal(await answer(withHeader({ ...good, alg: "RSA1_5" })), "token-algorithm-not-allowed");
    assert.equal(await answer(withHeader({ ...good, alg: "PBES2-HS256+A128KW" })), "token-algorithm-not-allowed");
    assert.equal(await answer(withHeader({ ...good, alg: "none" })), "token-algorithm-not-allowed");
    assert.equal(await answer(withHeader({ ...good, enc: "A128CBC" })), "token-algorithm-not-allowed");
    assert.equal(await answer(withHeader({ ...good, alg: "ECDH-ES" })), "token-type-not-allowed");
    for (const more of [
      { zip: "DEF" },
      { crit: ["x"] },
      { epk: {} },
      { jwk: {} },
      { x5u: "https://evil.example" },
      { p2c: 1e9 },
    ]) {
      assert.equal(await answer(withHeader({ ...good, ...more })), "token-type-not-allowed");
    }
    assert.equal(await answer(withHeader({ ...good, kid: 7 })), "token-key-unknown");
    assert.equal(await answer(withHeader({ ...good, typ: "JWT" })), "token-key-unknown", "the header is bound");
  });

  it("is refused when it is not one, is too long, or was changed anywhere", async () => {
    const whole = await encrypted(await signed());
    const parts = whole.split(".");
    for (let part = 0; part < 5; part += 1) {
      const changed = parts.map((text, at) =>
        at === part ? `${text.startsWith("A") ? "B" : "A"}${text.slice(1)}` : text,
      );
      assert.notEqual(await answer(changed.join(".")), "good ada");
    }
    assert.equal(await answer(`${whole}=`), "token-malformed");
    assert.equal(await answer(whole.replace(".", ". ")), "token-malformed");
    assert.equal(await answer("...."), "token-malformed");
    assert.equal(await answer(await encrypted("a".repeat(20_000))), "token-malformed");
  });

  it("is none of ours where no key opens tokens, and a signed one is as good as before where one does", async () => {
    assert.equal(await answer(await encrypted(await signed()), { metadata: [], keys: signing }), "token-malformed");
    assert.equal(await answer(await signed()), "good ada");
  });

  it("is remembered with what was found in it", async () => {
    const tokens = createTrustedTokens({ egress: new TestIssuer(clock), clock, log: new KeptLog() });
    const token = await encrypted(await signed());
    const verdict = await tokens.verify(token, byCertificate);
    assert.ok(verdict.ok);
    assert.equal(tokens.verify(token, byCertificate), verdict);
  });

  it("is not tried with more than eight keys", async () => {
    const many = Array.from({ length: 9 }, (_none, at) => ({ material: { certificate }, id: `k${at}` }));
    assert.equal(
      await answer(await encrypted(await signed()), { ...byCertificate, decryption: many }),
      "token-key-unknown",
    );
  });
});

describe("a token that a certificate's key has signed", () => {
  let own: OwnCertificate;
  let key: KeyObject;
  before(async () => {
    const validity = { notBefore: Date.now(), notAfter: Date.now() + 86_400_000 };
    const made = await makeAuthority("signer", validity, null, { bytes: (count) => randomBytes(count) });
    const pem = await exportKey(made.keys);
    key = createPrivateKey(pem);
    own = new OwnCertificate("signer", made.certificate.toString("pem"), "EF".repeat(20), null);
  });

  it("is good by its public part, whatever the token calls the key", async () => {
    const trust: TokenTrust = { metadata: [], keys: [{ material: { certificate: own } }] };
    const sign = (header: object): Promise<string> =>
      new CompactSign(Buffer.from('{"sub":"ada"}')).setProtectedHeader({ alg: "ES256", ...header }).sign(key);
    assert.equal(await answer(await sign({}), trust), "good ada");
    assert.equal(await answer(await sign({ kid: "EF".repeat(20) }), trust), "good ada");
    assert.equal(await answer(await signed(), trust), "token-key-unknown");
    // The certificate's text is no secret.
    const confused = await signed({ sub: "eve" }, Buffer.from(own.chainPem));
    assert.notEqual(await answer(confused, trust), "good eve");
  });

  it("is good by a named key only if it names that one", async () => {
    const trust: TokenTrust = { metadata: [], keys: [{ material: { certificate: own }, id: "k1" }] };
    const sign = (kid: string): Promise<string> =>
      new CompactSign(Buffer.from('{"sub":"ada"}')).setProtectedHeader({ alg: "ES256", kid }).sign(key);
    assert.equal(await answer(await sign("k1"), trust), "good ada");
    assert.equal(await answer(await sign("k2"), trust), "token-key-unknown");
  });
});
