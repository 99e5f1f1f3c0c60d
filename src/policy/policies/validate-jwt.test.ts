import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import type { TokenVerifier } from "#model/ports.ts";
import type { TokenTrust, TrustVerdict } from "#model/token-trust.ts";
import { runSection } from "#policy/runner.ts";
import {
  cel,
  chainOf,
  exchangeFor,
  fixedClock,
  policy,
  portsWith,
  run,
  start,
  verifierOf,
} from "#policy/policy.test-helper.ts";

const now = fixedClock.now() / 1000;
const claims = {
  iss: "https://idp.example",
  aud: ["api://orders", "x"],
  exp: now + 60,
  roles: ["reader", "writer"],
  scp: "a b",
  n: 3,
};
const ports = portsWith({
  tokens: verifierOf({
    good: { claims },
    single: { claims: { ...claims, aud: "api://orders" } },
    other: { claims, provider: "partner" },
    expiring: { claims: { ...claims, exp: now - 30 } },
  }),
});

type Args = Parameters<typeof policy>[1];

function outcomeOf(
  args: Args,
  token: string | undefined = "good",
  exchange = exchangeFor(token === undefined ? [] : ["Authorization", `Bearer ${token}`]),
) {
  return run(policy("validate-jwt", { provider: "corp", ...args }), exchange, { ports });
}

const reasonOf = (args: Args, token?: string): string | undefined => {
  const outcome = outcomeOf(args, token);
  return outcome?.kind === "refusal" ? outcome.reason : outcome?.kind;
};

const late = (verdict: Awaited<ReturnType<TokenVerifier["verify"]>>) =>
  start([policy("validate-jwt", { provider: "corp" })], exchangeFor(["Authorization", "Bearer x"]), {
    ports: portsWith({ tokens: { ...verifierOf({}), verify: () => Promise.resolve(verdict) } }),
  });

describe("validate-jwt", () => {
  it("passes a good token of its provider and keeps the claims", () => {
    const exchange = exchangeFor(["authorization", "bearer good"]);
    assert.equal(outcomeOf({ outputVariable: "jwt", audience: ["api://orders"] }, undefined, exchange), undefined);
    assert.equal(exchange.variables?.get("jwt"), claims);
    assert.equal(exchange.principal.kind, "anonymous");
  });

  it("refuses a bad token with status, challenge and message", () => {
    assert.deepEqual(outcomeOf({ failedMessage: "Log in." }, "forged"), {
      kind: "refusal",
      reason: "token-signature-invalid",
      status: 401,
      message: "Log in.",
      headers: ["WWW-Authenticate", 'Bearer error="invalid_token", error_description="token-signature-invalid"'],
      detail: "bad signature",
      lastError: { message: "The token's signature is not valid. Access denied." },
    });
  });

  it("refuses a missing token without naming an error, and a doubled header", () => {
    const outcome = outcomeOf({}, undefined, exchangeFor());
    assert.deepEqual(outcome, {
      kind: "refusal",
      reason: "token-missing",
      status: 401,
      headers: ["WWW-Authenticate", "Bearer"],
      lastError: { message: "JWT not present." },
    });
    const twice = outcomeOf(
      {},
      undefined,
      exchangeFor(["Authorization", "Bearer good", "authorization", "Bearer good"]),
    );
    assert.equal(twice?.kind === "refusal" && twice.reason, "token-missing");
  });

  it("sends no challenge with another status", () => {
    const outcome = outcomeOf({ failedStatus: 403 }, "forged");
    assert.deepEqual(outcome?.kind === "refusal" && [outcome.status, outcome.headers], [403, []]);
  });

  it("finds the token in another header, a query parameter or a value", () => {
    assert.equal(outcomeOf({ header: "X-Token" }, undefined, exchangeFor(["X-Token", "good"])), undefined);
    assert.equal(outcomeOf({ queryParameter: "t" }, undefined, exchangeFor([], { query: "t=good" })), undefined);
    assert.equal(
      outcomeOf({ queryParameter: "t" }, undefined, exchangeFor([], { query: "t=good&t=bad" }))?.kind,
      "refusal",
    );
    assert.equal(
      outcomeOf({ tokenValue: cel('request.headers["x-t"]') }, undefined, exchangeFor(["X-T", "good"])),
      undefined,
    );
  });

  it("checks provider, issuer and audience", () => {
    assert.equal(reasonOf({}, "other"), "token-issuer-unknown");
    assert.equal(reasonOf({ issuers: ["https://idp.example"] }), undefined);
    assert.equal(reasonOf({ issuers: ["https://idp.example/"] }), "token-issuer-unknown");
    assert.equal(reasonOf({ audience: ["api://orders"] }, "single"), undefined);
    assert.equal(reasonOf({ audience: ["api://other"] }), "token-audience-not-allowed");
    assert.equal(reasonOf({ audience: ["api"] }, "single"), "token-audience-not-allowed");
  });

  it("applies its own tolerance on top of the provider's", () => {
    assert.equal(reasonOf({}, "expiring"), undefined);
    assert.equal(reasonOf({ clockSkew: 0 }, "expiring"), "token-expired");
    assert.equal(reasonOf({ clockSkew: 60_000 }, "expiring"), undefined);
  });

  for (const [claim, expected] of [
    [{ name: "roles", values: ["reader", "writer"] }, undefined],
    [{ name: "roles", values: ["reader", "admin"] }, "token-claim-not-allowed"],
    [{ name: "roles", match: "any", values: ["reader", "admin"] }, undefined],
    [{ name: "roles", match: "any", values: ["Reader"] }, "token-claim-not-allowed"],
    [{ name: "scp", separator: " ", values: ["b"] }, undefined],
    [{ name: "scp", values: ["b"] }, "token-claim-not-allowed"],
    [{ name: "n", values: ["3"] }, undefined],
    [{ name: "roles" }, undefined],
    [{ name: "groups" }, "token-claim-missing"],
    [{ name: "constructor" }, "token-claim-missing"],
  ] as const) {
    it(`judges ${JSON.stringify(claim)}`, () => assert.equal(reasonOf({ requiredClaims: [claim] }), expected));
  }

  it("needs every required claim", () => {
    assert.equal(reasonOf({ requiredClaims: [{ name: "roles" }, { name: "groups" }] }), "token-claim-missing");
  });

  it("waits for a verifier that has to fetch keys, and tells when it cannot", async () => {
    assert.equal(await late({ ok: true, provider: "corp", principal: exchangeFor().principal, claims }), undefined);
    const down = await late({ ok: false, reason: "provider-unavailable", detail: "no answer" });
    assert.deepEqual(down, { kind: "refusal", reason: "provider-unavailable", detail: "no answer" });
  });
});

describe("validate-jwt with keys of its own", () => {
  const metadata = "https://idp.example/.well-known/openid-configuration";

  function check(args: Args, changes: Readonly<Record<string, unknown>> = {}, issuer: string | null = claims.iss) {
    const asked: TokenTrust[] = [];
    const verify = (_token: string, trust: TokenTrust): TrustVerdict => {
      asked.push(trust);
      return { ok: true, claims: { ...claims, ...changes }, issuer };
    };
    const exchange = exchangeFor(["Authorization", "Bearer x", "X-Name", "kid"]);
    const node = policy("validate-jwt", args);
    const { inbound } = chainOf("inbound", [node], portsWith({ trustedTokens: { verify } }));
    const ask = () => runSection(inbound, exchange);
    const outcome = ask();
    assert.ok(!(outcome instanceof Promise));
    return { asked, ask, result: outcome?.kind === "refusal" ? outcome.reason : "passed" };
  }

  it("asks by metadata and written keys", () => {
    const secret = Buffer.from("secret").toString("base64");
    const { asked } = check({
      openidConfig: [{ url: metadata }, { url: cel(`"https://" + request.host + "/m"`) }],
      issuerSigningKeys: [{ id: "a", value: secret }, { n: "AQ", e: "AQAB" }, { value: cel(`"${secret}"`) }],
    });
    assert.deepEqual(asked, [
      {
        metadata: [
          { url: metadata, declared: true },
          { url: "https://api.example.com/m", declared: false },
        ],
        keys: [{ id: "a", material: { secret } }, { material: { n: "AQ", e: "AQAB" } }, { material: { secret } }],
      },
    ]);
    const { result } = check({ openidConfig: [{ url: cel(`"file:///etc/passwd"`) }] });
    assert.equal(result, "expression-failed");
  });

  it("takes the issuer of the metadata, or one that is listed", () => {
    const openidConfig = [{ url: metadata }];
    assert.equal(check({ openidConfig }).result, "passed");
    assert.equal(check({ openidConfig }, { iss: "https://other" }).result, "token-issuer-unknown");
    assert.equal(check({ openidConfig, issuers: ["https://other"] }, { iss: "https://other" }).result, "passed");
    const issuerSigningKeys = [{ value: "AAAA" }];
    assert.equal(check({ issuerSigningKeys }, { iss: undefined }, null).result, "passed");
    assert.equal(check({ issuerSigningKeys, issuers: ["a"] }, { iss: undefined }, null).result, "token-issuer-unknown");
  });

  it("asks for times by itself", () => {
    const openidConfig = [{ url: metadata }];
    assert.equal(check({ openidConfig }, { exp: undefined }).result, "token-claim-missing");
    assert.equal(check({ openidConfig, requireExpirationTime: false }, { exp: undefined }).result, "passed");
    assert.equal(check({ openidConfig }, { exp: now - 1 }).result, "token-expired");
    assert.equal(check({ openidConfig, clockSkew: 5000 }, { exp: now - 1 }).result, "passed");
    assert.equal(check({ openidConfig, clockSkew: cel("5") }, { exp: now - 1 }).result, "passed");
    assert.equal(check({ openidConfig }, { exp: "9e99" }).result, "token-claim-not-allowed");
  });

  it("asks for the scheme where it must be there", () => {
    const openidConfig = [{ url: metadata }];
    assert.equal(check({ openidConfig, requireScheme: "bearer" }).result, "passed");
    assert.equal(check({ openidConfig, requireScheme: "DPoP" }).result, "token-missing");
    assert.equal(check({ openidConfig, requireScheme: "Bearer", header: "X-Name" }).result, "passed");
  });

  it("is the same trust for every request, unless it is computed", () => {
    const { asked, ask } = check({ openidConfig: [{ url: metadata }] });
    ask();
    assert.equal(asked[0], asked[1]);
  });
});
