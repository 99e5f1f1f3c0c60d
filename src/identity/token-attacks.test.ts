import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { CompactEncrypt, exportJWK, exportSPKI, generateKeyPair, importJWK } from "jose";
import type { ReasonCode } from "#model/reasons.ts";
import { KeptLog, ManualClock, providerOf } from "./testing/doubles.ts";
import { encoded, joined, makeKey, TestIssuer } from "./testing/issuer.ts";
import { rocaModulus } from "./testing/roca.ts";
import { createTokenVerifier, type ManagedTokenVerifier } from "./token-verifier.ts";

describe("attacks on tokens of a known issuer", () => {
  const clock = new ManualClock();
  const issuer = new TestIssuer(clock);
  let verifier: ManagedTokenVerifier;

  before(async () => {
    await issuer.addKey("ec");
    await issuer.addKey("rsa", "RS256");
    const provider = providerOf(issuer.issuer);
    verifier = createTokenVerifier({ providers: [provider], egress: issuer, clock, log: new KeptLog() });
    await verifier.ready();
  });

  after(() => verifier.close());

  async function reasonFor(token: string): Promise<ReasonCode | "accepted"> {
    const verdict = await verifier.verify(token);
    return verdict.ok ? "accepted" : verdict.reason;
  }

  it("the token all of them are made from is good", async () => {
    assert.equal(await reasonFor(await issuer.token()), "accepted");
  });

  it("no algorithm, in any case", async () => {
    for (const alg of ["none", "None", "NONE", "nOnE", "", undefined, 5]) {
      const token = joined({ alg, kid: "ec", typ: "at+jwt" }, issuer.claims());
      assert.equal(await reasonFor(token), "token-algorithm-not-allowed", String(alg));
    }
  });

  it("HMAC with a public key as its secret", async () => {
    const jwk = issuer.keys[1]?.jwk ?? {};
    const key = await importJWK({ ...jwk, ext: true }, "RS256", { extractable: true });
    assert.ok(!(key instanceof Uint8Array));
    const texts = [await exportSPKI(key), JSON.stringify(jwk), jwk.n ?? "", JSON.stringify(await exportJWK(key))];
    for (const secret of texts) {
      const text = joined({ alg: "HS256", kid: "rsa", typ: "at+jwt" }, issuer.claims()).slice(0, -1);
      const token = `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
      assert.equal(await reasonFor(token), "token-algorithm-not-allowed");
    }
  });

  it("a key brought along in the header", async () => {
    const mine = await makeKey("ec");
    const parameters = {
      jwk: mine.jwk,
      jku: "https://attacker.example/keys",
      x5u: "https://attacker.example/cert",
      x5c: ["MIIB"],
    };
    const fetched = issuer.requests.length;
    for (const [name, value] of Object.entries(parameters)) {
      const token = await issuer.signed(JSON.stringify(issuer.claims()), { [name]: value }, mine);
      assert.equal(await reasonFor(token), "token-key-unknown", name);
    }
    assert.equal(issuer.requests.length, fetched);
  });

  it("critical extensions, unencoded payloads, compression", async () => {
    const [head = "", body = "", signature = ""] = (await issuer.token()).split(".");
    const base = JSON.parse(Buffer.from(head, "base64url").toString()) as object;
    for (const extra of [
      { crit: ["exp"] },
      { crit: [] },
      { crit: ["b64"], b64: false },
      { b64: false },
      { zip: "DEF" },
    ]) {
      const token = `${encoded(JSON.stringify({ ...base, ...extra }))}.${body}.${signature}`;
      assert.equal(await reasonFor(token), "token-type-not-allowed", JSON.stringify(extra));
    }
  });

  it("the JSON serialization, and encrypted tokens", async () => {
    const [head = "", payload = "", signature = ""] = (await issuer.token()).split(".");
    assert.equal(await reasonFor(JSON.stringify({ protected: head, payload, signature })), "token-malformed");
    const encrypt = new CompactEncrypt(Buffer.from(JSON.stringify(issuer.claims())));
    const secret = Buffer.alloc(32, 1);
    const encrypted = await encrypt.setProtectedHeader({ alg: "dir", enc: "A256GCM", zip: "DEF" }).encrypt(secret);
    assert.equal(await reasonFor(encrypted), "token-malformed");
    const pbes2 = joined(
      { alg: "PBES2-HS256+A128KW", enc: "A128GCM", p2c: 2_147_483_647, p2s: "AAAA" },
      issuer.claims(),
    );
    assert.equal(await reasonFor(pbes2), "token-algorithm-not-allowed");
  });

  it("JSON names that come twice, properly signed", async () => {
    const good = JSON.stringify(issuer.claims());
    assert.equal(await reasonFor(await issuer.signed(good.replace("{", '{"sub":"admin",'))), "token-malformed");
    assert.equal(
      await reasonFor(await issuer.signed(good.replace("}", ',"act":{"sub":"a","sub":"b"}}'))),
      "token-malformed",
    );
    const [, body = "", signature = ""] = (await issuer.token()).split(".");
    const head = encoded('{"alg":"none","alg":"ES256","kid":"ec","typ":"at+jwt"}');
    assert.equal(await reasonFor(`${head}.${body}.${signature}`), "token-malformed");
  });

  it("base64url with padding, white space or other bytes", async () => {
    const token = await issuer.token();
    const [head = "", body = "", signature = ""] = token.split(".");
    for (const text of [
      `${token}=`,
      `${token} `,
      `${head}=.${body}.${signature}`,
      `${head}. ${body}.${signature}`,
      `${token}\n`,
    ]) {
      assert.equal(await reasonFor(text), "token-malformed");
    }
  });

  it("signatures of zeros, of others, and none", async () => {
    const token = await issuer.token();
    const unsigned = token.slice(0, token.lastIndexOf("."));
    const zeros = Buffer.alloc(64).toString("base64url");
    assert.equal(await reasonFor(`${unsigned}.${zeros}`), "token-signature-invalid");
    assert.equal(await reasonFor(`${unsigned}.`), "token-signature-invalid");
    const mine = await makeKey("ec");
    const forged = await issuer.signed(JSON.stringify(issuer.claims()), {}, mine);
    assert.equal(await reasonFor(forged), "token-signature-invalid");
  });

  it("another algorithm of the same key, or another key's algorithm", async () => {
    const key = issuer.keys[1];
    assert.ok(key !== undefined);
    const other = await importJWK({ ...(await exportJWK(key.privateKey)), alg: "PS256" }, "PS256");
    const asPss = { ...key, privateKey: other as CryptoKey, algorithm: "PS256" };
    const token = await issuer.signed(JSON.stringify(issuer.claims()), {}, asPss);
    assert.equal(await reasonFor(token), "token-algorithm-not-allowed");
    const swapped = await issuer.signed(JSON.stringify(issuer.claims()), { kid: "rsa" });
    assert.equal(await reasonFor(swapped), "token-algorithm-not-allowed");
  });

  it("a weak key that the issuer itself publishes: e = 1, ROCA, 1024 bits, an EC key off its curve", async () => {
    const sound = issuer.keys[1]?.jwk ?? {};
    const curve = issuer.keys[0]?.jwk ?? {};
    const short = await generateKeyPair("RS256", { modulusLength: 2048, extractable: true });
    const weak = [
      // Whatever is raised to the power of one is its own signature.
      { ...sound, e: "AQ", kid: "weak" },
      { ...sound, n: rocaModulus().toString("base64url"), kid: "weak" },
      { ...sound, n: String((await exportJWK(short.publicKey)).n).slice(0, 171), kid: "weak" },
      { ...curve, y: curve.x, kid: "weak" },
    ];
    for (const jwk of weak) {
      const other = new TestIssuer(clock);
      other.keySetText = JSON.stringify({ keys: [jwk] });
      const one = createTokenVerifier({
        providers: [providerOf(other.issuer)],
        egress: other,
        clock,
        log: new KeptLog(),
      });
      const key = issuer.keys[jwk.kty === "EC" ? 0 : 1];
      const verdict = await one.verify(await issuer.signed(JSON.stringify(issuer.claims()), { kid: "weak" }, key));
      assert.equal(!verdict.ok && verdict.reason, "token-key-unknown", JSON.stringify(jwk));
      one.close();
    }
  });

  it("an ID token where an access token is due", async () => {
    const plain = { typ: "JWT" };
    const cases: readonly (readonly [Record<string, unknown>, Record<string, unknown>])[] = [
      [{ aud: "client-1", nonce: "n" }, plain],
      [{ aud: ["client-1"], nonce: "n" }, { typ: undefined }],
      [{ at_hash: "x" }, plain],
      [{ c_hash: "x", nonce: "n" }, plain],
      [{ typ: "ID" }, plain],
      [{ token_use: "id" }, plain],
      [{}, { typ: "logout+jwt" }],
      [{}, { typ: "dpop+jwt" }],
      [{}, { typ: "application/secevent+jwt" }],
    ];
    for (const [claims, header] of cases) {
      assert.equal(
        await reasonFor(await issuer.token(claims, header)),
        "token-type-not-allowed",
        JSON.stringify([claims, header]),
      );
    }
    for (const typ of ["JWT", "jwt", "at+jwt", "application/at+jwt", "AT+JWT", undefined]) {
      assert.equal(await reasonFor(await issuer.token({ jti: String(typ) }, { typ })), "accepted");
    }
  });

  it("a sender-constrained token as a bearer token", async () => {
    const thumbprint = "A".repeat(43);
    for (const cnf of [{ jkt: thumbprint }, { "x5t#S256": thumbprint }, { jkt: thumbprint, "x5t#S256": thumbprint }]) {
      const token = await issuer.token({ cnf });
      assert.equal(await reasonFor(token), "token-claim-not-allowed");
      assert.equal((await verifier.verifyBound(token)).ok, true, "for whoever checks the proof");
      assert.equal(await reasonFor(token), "token-claim-not-allowed", "also when it is remembered");
    }
  });

  it("a token bound in a way that nobody here can prove", async () => {
    for (const cnf of [{}, null, "x", { jkt: "x" }, { jwk: {} }, { kid: "a" }, { jkt: "A".repeat(43), x5t: "x" }]) {
      const verdict = await verifier.verifyBound(await issuer.token({ cnf }));
      assert.equal(!verdict.ok && verdict.reason, "token-claim-not-allowed", JSON.stringify(cnf));
    }
  });

  it("issuer, audience and times that are not right", async () => {
    const now = Math.floor(clock.now() / 1000);
    const cases: readonly (readonly [Record<string, unknown>, ReasonCode | "accepted"])[] = [
      [{ iss: `${issuer.issuer}/` }, "token-issuer-unknown"],
      [{ iss: issuer.issuer.toUpperCase() }, "token-issuer-unknown"],
      [{ iss: [issuer.issuer] }, "token-issuer-unknown"],
      [{ iss: undefined }, "token-issuer-unknown"],
      [{ aud: "api://other" }, "token-audience-not-allowed"],
      [{ aud: ["api://other", { x: 1 }] }, "token-audience-not-allowed"],
      [{ aud: "api://orders/" }, "token-audience-not-allowed"],
      [{ aud: undefined }, "token-claim-missing"],
      [{ aud: ["api://other", "api://orders"] }, "accepted"],
      [{ exp: undefined }, "token-claim-missing"],
      [{ exp: String(now + 60) }, "token-claim-not-allowed"],
      [{ exp: null }, "token-claim-not-allowed"],
      [{ exp: now }, "token-expired"],
      [{ exp: now - 1 }, "token-expired"],
      [{ nbf: now + 1 }, "token-not-yet-valid"],
      [{ nbf: now }, "accepted"],
      [{ nbf: "0" }, "token-claim-not-allowed"],
      [{ iat: "now" }, "token-claim-not-allowed"],
      [{ sub: undefined }, "token-claim-missing"],
      [{ sub: "" }, "token-claim-missing"],
      [{ act: "svc" }, "token-claim-not-allowed"],
    ];
    for (const [claims, expected] of cases) {
      assert.equal(await reasonFor(await issuer.token(claims)), expected, JSON.stringify(claims));
    }
  });

  it("a key of another issuer", async () => {
    const other = new TestIssuer(clock);
    await other.addKey("other-ec");
    const both = createTokenVerifier({
      providers: [providerOf(issuer.issuer), providerOf("https://other.example.com", { name: "other" })],
      egress: {
        fetch: (request) => (request.url.startsWith("https://other.") ? other : issuer).fetch(request),
      },
      clock,
      log: new KeptLog(),
    });
    other.discovery = { issuer: "https://other.example.com", jwks_uri: "https://other.example.com/keys" };
    await both.ready();
    const crossed = await other.token({ iss: issuer.issuer });
    const verdict = await both.verify(crossed);
    assert.ok(!verdict.ok);
    assert.equal(verdict.reason, "token-key-unknown");
    const own = await both.verify(await other.token({ iss: "https://other.example.com" }));
    assert.ok(own.ok);
    assert.equal(own.provider, "other");
    both.close();
  });
});
