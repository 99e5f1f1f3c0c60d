import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { askRaw } from "./raw-client.ts";
import { startStrictOrigin, type StrictOrigin, valuesOf } from "./strict-origin.ts";
import { forgedToken, startIssuer, type TokenIssuer } from "./token-issuer.ts";

const key = "sp_credentials_0123456789abcdef0123456789";
const otherKey = "sp_other_product_0123456789abcdef01234567";
const suspendedKey = "sp_suspended_0123456789abcdef0123456789ab";

/** Keys and tokens through the whole gateway: each trick, what it gets, and that the upstream never hears of it. */
describe("credentials", () => {
  let origin: StrictOrigin;
  let issuer: TokenIssuer;
  let stranger: TokenIssuer;
  let gateway: TestGateway;

  before(async () => {
    origin = await startStrictOrigin();
    [issuer, stranger] = await Promise.all([startIssuer(), startIssuer()]);
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"] } } }
apis:
  who: { path: /who, backend: up, access: [{ allow: principal.authenticated }] }
  keyed: { path: /keyed, backend: up }
  passing: { path: /passing, backend: up, subscriptionKey: { header: X-Key, query: key, forward: true } }
  other: { path: /other, backend: up }
  open: { path: /open, backend: up, access: public }
  narrow: { path: /narrow, backend: up, access: public, policies: { inbound: [base, { validate-jwt: { provider: corp, audience: "api://test" } }] } }
  own: { path: /own, backend: up, access: [{ allow: '"constructor" in principal.claims || "__proto__" in principal.claims || "toString" in request.headers || "toString" in parameters' }] }
backends: { up: { url: "${origin.url}" } }
products:
  basic: { apis: [keyed, passing], subscription: key }
  second: { apis: [other], subscription: key }
subscriptions:
  one: { product: basic, key: { env: KEY } }
  two: { product: second, key: { env: OTHER_KEY } }
  three: { product: basic, key: { env: SUSPENDED_KEY }, state: suspended }
`,
      env: { KEY: key, OTHER_KEY: otherKey, SUSPENDED_KEY: suspendedKey },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await Promise.all([issuer.close(), stranger.close(), origin.close()]);
  });

  /** Status and reason. */
  async function ask(target: string, ...fields: readonly string[]): Promise<string> {
    const seen = origin.requests.length;
    const { status, body } = await askRaw(gateway, target, fields);
    const reached = origin.requests.length > seen;
    assert.equal(reached, status === 200, `${target}: ${status}`);
    return status === 200 ? "200" : `${status} ${String((JSON.parse(body) as { reason: unknown }).reason)}`;
  }

  const bearer = (token: string): string => `Authorization: Bearer ${token}`;
  const inHeader = (value: string): string => `Ocp-Apim-Subscription-Key: ${value}`;

  it("two Authorization fields are refused, whichever is good, on public routes too", async () => {
    const token = await issuer.token();
    assert.equal(await ask("/who", bearer(token)), "200");
    for (const target of ["/who", "/open", "/narrow"]) {
      assert.equal(await ask(target, bearer(token), bearer(token)), "400 malformed-request");
      assert.equal(await ask(target, bearer(token), "authorization: Basic eA=="), "400 malformed-request");
    }
    assert.equal(await ask("/who", `${bearer(token)}, Bearer ${token}`), "401 token-malformed");
  });

  it("two keys are none unless they are the same", async () => {
    assert.equal(await ask("/keyed", inHeader(key)), "200");
    assert.equal(await ask("/keyed", inHeader(key), inHeader(otherKey)), "401 key-invalid");
    assert.equal(await ask("/keyed", inHeader(otherKey), inHeader(key)), "401 key-invalid");
    assert.equal(await ask(`/keyed?subscription-key=${key}&subscription-key=${otherKey}`), "401 key-invalid");
    assert.equal(await ask(`/keyed?subscription-key=${key}&Subscription%2DKey=${otherKey}`), "401 key-invalid");
    assert.equal(await ask(`/keyed?subscription-key=${otherKey}`, inHeader(key)), "200", "the header counts");
    assert.equal(await ask(`/keyed?subscription-key=${key}`, inHeader("wrong")), "401 key-invalid");
    assert.equal(await ask("/keyed", `ocp_apim_subscription_key: ${key}`), "401 key-missing");
  });

  it("a key of another product, a suspended one, a prefix, another case: 401", async () => {
    assert.equal(await ask("/keyed", inHeader(otherKey)), "401 key-not-in-scope");
    assert.equal(await ask("/keyed", inHeader(suspendedKey)), "401 key-invalid");
    for (const wrong of [key.slice(0, -1), `${key}0`, key.toUpperCase(), `${key},${key}`, "x".repeat(4000)]) {
      assert.equal(await ask("/keyed", inHeader(wrong)), "401 key-invalid");
    }
    assert.equal(await ask("/open", inHeader("wrong")), "401 key-invalid", "a key that is sent must be good");
  });

  it("the key goes no further, in whatever spelling it came", async () => {
    const spellings = ["subscription-key", "Subscription-Key", "%73ubscription-key", "subscription%2dkey"];
    for (const name of spellings) {
      assert.equal(await ask(`/keyed/x?a=1&${name}=${key}&b=2`), "200", name);
      assert.equal(origin.requests.at(-1)?.target, "/x?a=1&b=2");
    }
    assert.equal(
      await ask(`/keyed/x?subscription-key=${key}`, inHeader(key), `Connection: ocp-apim-subscription-key`),
      "200",
    );
    assert.ok(origin.requests.every(({ target, fields }) => !`${target} ${fields.join(" ")}`.includes(key)));
    assert.equal(await ask(`/passing?key=${key}`), "200");
    assert.ok(origin.requests.at(-1)?.target.includes(key), "an API can have it passed on");
    origin.requests.length = 0;
  });

  it("algorithms: none, HMAC with the public key, embedded keys, b64, crit", async () => {
    const payload = { iss: issuer.url, aud: "api://test", sub: "root", exp: Math.floor(Date.now() / 1000) + 600 };
    for (const alg of ["none", "None", "NONE", "nOnE", "", "HS256", "ES256K", "RS256", ["ES256"], null, 1]) {
      const answer = await ask("/open", bearer(forgedToken({ alg, kid: "k1", typ: "at+jwt" }, payload)));
      assert.match(answer, /^401 token-(algorithm-not-allowed|signature-invalid)$/, String(alg));
    }
    const publicText = JSON.stringify(issuer.jwk);
    for (const secret of [publicText, String(issuer.jwk["x"]), Buffer.from(String(issuer.jwk["x"]), "base64url")]) {
      const unsigned = forgedToken({ alg: "HS256", kid: "k1", typ: "at+jwt" }, payload).slice(0, -1);
      const forged = `${unsigned}.${createHmac("sha256", secret).update(unsigned).digest("base64url")}`;
      assert.equal(await ask("/who", bearer(forged)), "401 token-algorithm-not-allowed");
    }
    const own = await stranger.token({ iss: issuer.url });
    assert.equal(await ask("/who", bearer(own)), "401 token-signature-invalid", "a key of another issuer");
    const embedded = await stranger.token({ iss: issuer.url }, { jwk: stranger.jwk });
    assert.equal(await ask("/who", bearer(embedded)), "401 token-key-unknown");
    for (const header of [{ jku: `${stranger.url}/keys` }, { x5u: stranger.url }, { kid: "../../k1" }, { kid: "k2" }]) {
      assert.equal(
        await ask("/who", bearer(await stranger.token({ iss: issuer.url }, header))),
        "401 token-key-unknown",
      );
    }
  });

  it("expired, not yet valid, of another audience, no ID token, bound to a key: 401, also where it was good before", async () => {
    const now = Math.floor(Date.now() / 1000);
    const cases: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ exp: now - 1 }, "token-expired"],
      [{ exp: String(now + 600) }, "token-claim-not-allowed"],
      [{ exp: undefined }, "token-claim-missing"],
      [{ nbf: now + 600 }, "token-not-yet-valid"],
      [{ aud: "api://other" }, "token-audience-not-allowed"],
      [{ aud: ["api://other", 7] }, "token-audience-not-allowed"],
      [{ aud: undefined }, "token-claim-missing"],
      [{ cnf: { jkt: "x" } }, "token-claim-not-allowed"],
      [{ sub: undefined }, "token-claim-missing"],
    ];
    for (const [claims, reason] of cases) {
      const token = bearer(await issuer.token(claims));
      for (const target of ["/who", "/open", "/narrow"]) assert.equal(await ask(target, token), `401 ${reason}`);
    }
    assert.equal(
      await ask("/who", bearer(await issuer.token({}, { typ: "logout+jwt" }))),
      "401 token-type-not-allowed",
    );
    const short = bearer(await issuer.token({ exp: now + 2 }));
    assert.equal(await ask("/who", short), "200");
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.equal(await ask("/who", short), "401 token-expired", "remembered, and still expired");
  });

  it("a token of an unknown issuer makes nobody: it neither hurts a key nor helps without one", async () => {
    const foreign = await stranger.token();
    assert.equal(await ask("/keyed", bearer(foreign), inHeader(key)), "200");
    const { fields = [] } = origin.requests.at(-1) ?? {};
    assert.deepEqual(valuesOf(fields, "x-auth-request-user"), []);
    assert.deepEqual(valuesOf(fields, "authorization"), [`Bearer ${foreign}`], "it may be the upstream's");
    assert.equal(await ask("/keyed", bearer(foreign)), "401 key-missing");
    assert.equal(await ask("/who", bearer(foreign)), "401 token-issuer-unknown");
    assert.equal(await ask("/who", bearer("opaque")), "401 token-malformed");
    assert.equal(await ask("/narrow", bearer(foreign)), "401 token-issuer-unknown");
    assert.equal(await ask("/who", inHeader(key)), "401 key-not-in-scope");
    assert.equal(await ask("/open", bearer(foreign)), "200");
  });

  it("names that every object has are no claims, fields or parameters", async () => {
    assert.equal(await ask("/own", bearer(await issuer.token())), "403 access-denied");
  });
});
