import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { CompactSign } from "jose";
import type { TokenTrust } from "#model/token-trust.ts";
import { KeptLog, ManualClock } from "./testing/doubles.ts";
import { encoded, joined, makeKey, TestIssuer } from "./testing/issuer.ts";
import { createTrustedTokens } from "./trusted-tokens.ts";

const clock = new ManualClock();
const secret = Buffer.alloc(32, 7);

function setUp(issuer = new TestIssuer(clock)) {
  const tokens = createTrustedTokens({ egress: issuer, clock, log: new KeptLog() });
  const url = `${issuer.issuer}/.well-known/openid-configuration`;
  const trust: TokenTrust = { metadata: [{ url, declared: true }], keys: [] };
  return { issuer, tokens, trust };
}

async function hmac(payload: object, key = secret, header = {}): Promise<string> {
  return new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "HS256", ...header })
    .sign(key);
}

const withSecret: TokenTrust = { metadata: [], keys: [{ material: { secret: secret.toString("base64") } }] };

describe("tokens by keys that a policy names", () => {
  it("are good by the keys of the metadata, and are remembered until these change", async () => {
    const { issuer, tokens, trust } = setUp();
    await issuer.addKey("k1");
    const token = await issuer.token({ sub: "ada" });
    const verdict = await tokens.verify(token, trust);
    assert.ok(verdict.ok);
    assert.deepEqual([verdict.claims["sub"], verdict.issuer], ["ada", issuer.issuer]);
    assert.equal(tokens.verify(token, trust), verdict, "at once, without a promise");
    const other = await tokens.verify(token, { ...trust });
    assert.ok(other.ok, "another policy shares the keys");
    assert.equal(issuer.keySetFetches, 1);
  });

  it("are judged by a rotated key, and not by one that went", async () => {
    const { issuer, tokens, trust } = setUp();
    await issuer.addKey("k1");
    const before = await issuer.token();
    assert.ok((await tokens.verify(before, trust)).ok);
    issuer.keys = [];
    await issuer.addKey("k2");
    assert.ok((await tokens.verify(await issuer.token(), trust)).ok);
    const verdict = await tokens.verify(before, trust);
    assert.equal(!verdict.ok && verdict.reason, "token-key-unknown");
  });

  it("cannot be judged while the keys cannot be had", async () => {
    const { issuer, tokens, trust } = setUp();
    await issuer.addKey("k1");
    issuer.down = true;
    const verdict = await tokens.verify(await issuer.token(), trust);
    assert.equal(!verdict.ok && verdict.reason, "provider-unavailable");
  });

  it("ask only where they may: a computed URL is not of the definition", async () => {
    const { issuer, tokens, trust } = setUp();
    await issuer.addKey("k1");
    const computed = { metadata: trust.metadata.map(({ url }) => ({ url, declared: false })), keys: [] };
    await tokens.verify(await issuer.token(), computed);
    assert.deepEqual(
      issuer.requests.map(({ declared }) => declared),
      [false, false],
    );
    await tokens.verify(await issuer.token(), trust);
    assert.equal(issuer.requests.at(-1)?.declared, true, "and its keys are not those of the declared one");
  });

  it("that nobody has signed are taken where a policy says so, and are of its metadata's issuer", async () => {
    const { issuer, tokens, trust } = setUp();
    await issuer.addKey("k1");
    const unsigned = (payload: object): string => joined({ alg: "none" }, payload);
    const verdictOf = async (token: string, by: TokenTrust): Promise<unknown> => {
      const verdict = await tokens.verify(token, by);
      return verdict.ok ? verdict.issuer : verdict.reason;
    };
    const loose: TokenTrust = { ...withSecret, unsigned: true };
    assert.equal(await verdictOf(unsigned({ sub: "a" }), withSecret), "token-algorithm-not-allowed");
    assert.equal(await verdictOf(unsigned({ sub: "a" }), loose), null);
    assert.equal(await verdictOf(unsigned({ iss: issuer.issuer }), { ...trust, unsigned: true }), issuer.issuer);
    assert.equal(await verdictOf(unsigned({ iss: "https://else" }), { ...trust, unsigned: true }), "");
    const signed = await hmac({ sub: "a" }, Buffer.alloc(32, 8));
    assert.equal(await verdictOf(signed, loose), "token-signature-invalid");
    assert.equal(await verdictOf(`${unsigned({ sub: "a" })}AAAA`, loose), "token-algorithm-not-allowed");
  });

  it("are good by a written secret, and by no other", async () => {
    const { tokens } = setUp();
    const verdict = await tokens.verify(await hmac({ sub: "a" }), withSecret);
    assert.ok(verdict.ok && verdict.issuer === null);
    const forged = await tokens.verify(await hmac({ sub: "a" }, Buffer.alloc(32, 8)), withSecret);
    assert.equal(!forged.ok && forged.reason, "token-signature-invalid");
    const weak: TokenTrust = { metadata: [], keys: [{ material: { secret: "dGVzdA==" } }] };
    const short = await tokens.verify(joined({ alg: "HS256" }, {}, encoded("x".repeat(32))), weak);
    assert.equal(!short.ok && short.reason, "token-key-unknown");
  });

  it("are good by a written RSA key, in either alphabet", async () => {
    const { tokens, issuer } = setUp();
    const key = await makeKey("r1", "RS256");
    const token = await issuer.signed("{}", {}, key);
    const { n = "", e = "" } = key.jwk;
    const padded = n.replaceAll("-", "+").replaceAll("_", "/");
    for (const trusted of [{ id: "r1", material: { n, e } }, { material: { n: `${padded}=`, e } }]) {
      assert.ok((await tokens.verify(token, { metadata: [], keys: [trusted] })).ok);
    }
  });

  it("never take a public key's text for a secret, nor no signature, nor a key that they bring along", async () => {
    const { tokens } = setUp();
    const key = await makeKey("r1", "RS256");
    const { n = "", e = "" } = key.jwk;
    const trust: TokenTrust = { metadata: [], keys: [{ id: "r1", material: { n, e } }] };
    for (const token of [
      await hmac({}, Buffer.from(n), { kid: "r1" }),
      await hmac({}, Buffer.from(n, "base64url"), { kid: "r1" }),
      joined({ alg: "none" }, {}),
      joined({ alg: "None", kid: "r1" }, {}, "AA"),
      joined({ alg: "RS256", kid: "r1", jwk: key.jwk }, {}, "AA"),
      "a.b",
      "",
    ]) {
      assert.equal((await tokens.verify(token, trust)).ok, false, token);
      assert.equal((await tokens.verify(token, withSecret)).ok, false, token);
    }
  });

  it("say that a signature is wrong rather than that other keys do not fit", async () => {
    const { issuer, tokens, trust } = setUp();
    await issuer.addKey("k1");
    const good = await issuer.token();
    const bad = `${good.slice(0, good.lastIndexOf("."))}.${encoded("x".repeat(64))}`;
    const verdict = await tokens.verify(bad, { ...trust, keys: withSecret.keys });
    assert.equal(!verdict.ok && verdict.reason, "token-signature-invalid");
  });
});
