import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { TokenTrust, TrustVerdict } from "#model/token-trust.ts";
import { cel, exchangeFor, fixedClock, policy, portsWith, run } from "#policy/policy.test-helper.ts";

const tenant = "11111111-2222-3333-4444-555555555555";
const metadataIssuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
const now = fixedClock.now() / 1000;
const claims = { iss: metadataIssuer, aud: "api-id", azp: "client-a", exp: now + 60, roles: ["reader"] };

type Args = Parameters<typeof policy>[1];

/** Answers as if the token's signature were good: the real verifier has tests of its own. */
function check(args: Args, changes: Readonly<Record<string, unknown>> = {}, issuer: string | null = metadataIssuer) {
  const asked: TokenTrust[] = [];
  const verify = (_token: string, trust: TokenTrust): TrustVerdict => {
    asked.push(trust);
    return { ok: true, claims: { ...claims, ...changes }, issuer };
  };
  const exchange = exchangeFor(["Authorization", "Bearer x"]);
  const node = policy("validate-azure-ad-token", { tenantId: tenant, ...args });
  const outcome = run(node, exchange, { ports: portsWith({ trustedTokens: { verify } }) });
  return { asked, exchange, result: outcome?.kind === "refusal" ? outcome.reason : "passed" };
}

describe("validate-azure-ad-token", () => {
  it("asks for the keys of the tenant, by id, domain or URL", () => {
    const path = "v2.0/.well-known/openid-configuration";
    const cases: readonly (readonly [Args, string, boolean])[] = [
      [{}, `https://login.microsoftonline.com/${tenant}/${path}`, true],
      [{ tenantId: "contoso.com" }, `https://login.microsoftonline.com/contoso.com/${path}`, true],
      [
        { tenantId: "https://login.microsoftonline.us/contoso.com/" },
        `https://login.microsoftonline.us/contoso.com/${path}`,
        true,
      ],
      [{ authenticationEndpoint: "https://login.example/" }, `https://login.example/${tenant}/${path}`, true],
      [{ tenantId: cel("'t' + '.x'") }, `https://login.microsoftonline.com/t.x/${path}`, false],
    ];
    for (const [args, url, declared] of cases) assert.deepEqual(check(args).asked[0]?.metadata, [{ url, declared }]);
  });

  it("does not let a computed tenant lead elsewhere, or stand for all of them", () => {
    for (const text of ["a/b?", "../x", "", "common", "Organizations", "a b", "x#y", "https://evil.example/t"]) {
      const { asked, result } = check({ tenantId: cel(`'${text}'`) });
      assert.deepEqual([result, asked], ["expression-failed", []], text);
    }
  });

  it("takes both versions of the tenant's tokens, and no other tenant's", () => {
    assert.equal(check({}).result, "passed");
    assert.equal(check({}, { iss: `https://sts.windows.net/${tenant}/` }).result, "passed");
    assert.equal(
      check({}, { iss: "https://sts.windows.net/99999999-2222-3333-4444-555555555555/" }).result,
      "token-issuer-unknown",
    );
    const template = "https://login.microsoftonline.com/{tenantid}/v2.0";
    assert.equal(check({}, {}, template).result, "token-issuer-unknown");
  });

  it("asks for audience, client application and claims", () => {
    assert.equal(check({ audience: ["api-id"] }).result, "passed");
    assert.equal(check({ audience: ["other"] }).result, "token-audience-not-allowed");
    assert.equal(check({ backendApplicationIds: ["api-id"] }, { aud: "api://api-id" }).result, "passed");
    assert.equal(check({ clientApplicationIds: ["client-b", "client-a"] }).result, "passed");
    assert.equal(check({ clientApplicationIds: ["client-b"] }, { azp: undefined, appid: "client-b" }).result, "passed");
    assert.equal(check({ clientApplicationIds: ["client-b"] }).result, "token-claim-not-allowed");
    assert.equal(check({ clientApplicationIds: ["a"] }, { azp: undefined }).result, "token-claim-missing");
    assert.equal(check({ requiredClaims: [{ name: "roles", values: ["writer"] }] }).result, "token-claim-not-allowed");
  });

  it("asks for times, and keeps the claims", () => {
    assert.equal(check({}, { exp: now }).result, "token-expired");
    assert.equal(check({}, { exp: undefined }).result, "token-claim-missing");
    assert.equal(check({}, { nbf: now + 1 }).result, "token-not-yet-valid");
    const { exchange } = check({ outputVariable: "jwt" });
    assert.deepEqual(exchange.variables?.get("jwt"), claims);
  });
});
