import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Refusal, StepResult } from "#model/decision.ts";
import type { Exchange, TlsFacts } from "#model/exchange.ts";
import type { TokenVerdict } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { exchangeFor } from "#notation/cel/exchange.test-helper.ts";
import { authenticateActor } from "./authenticate-actor.ts";

const issuer = "https://login.example.com";
const exp = 2_000_000_000;

function somebody(kind: Principal["kind"], subject: string, claims: Principal["claims"] = {}): Principal {
  const { approvals: _, ...base } = anonymous;
  return Object.freeze({
    ...base,
    id: `${issuer}||${subject}`,
    kind,
    issuer,
    subject,
    clientId: subject,
    tokenDigest: `digest of ${subject}`,
    authMethod: "token",
    claims: { sub: subject, exp, ...claims },
  } satisfies Principal);
}

const good = (principal: Principal): TokenVerdict => ({
  ok: true,
  provider: "corp",
  principal,
  claims: principal.claims,
});
const thumbprint = Buffer.alloc(32, 7);
const verdicts: Readonly<Record<string, TokenVerdict>> = {
  bot: good(somebody("agent", "bot")),
  person: good(somebody("user", "ben")),
  "by-key": good(somebody("agent", "keyed", { cnf: { jkt: "k".repeat(43) } })),
  "by-certificate": good(somebody("agent", "certified", { cnf: { "x5t#S256": thumbprint.toString("base64url") } })),
  expired: { ok: false, reason: "token-expired", detail: "exp" },
  foreign: { ok: false, reason: "token-issuer-unknown", detail: "iss" },
};
const opaque: TokenVerdict = { ok: false, reason: "token-malformed", detail: "no JWT" };
const tokens = {
  verifyBound: (token: string): TokenVerdict | Promise<TokenVerdict> =>
    token.startsWith("slow-") ? Promise.resolve(verdicts[token.slice(5)] ?? opaque) : (verdicts[token] ?? opaque),
};

const ann = somebody("user", "ann");

function authenticator(caller: Principal | Refusal, header: string | null = "x-actor-token") {
  const authenticate = (exchange: Exchange): StepResult => {
    if ("reason" in caller) return caller;
    exchange.principal = caller;
    return undefined;
  };
  return authenticateActor(authenticate, { tokens, header: () => header ?? undefined });
}

async function run(fields: readonly string[], caller: Principal = ann) {
  const exchange = exchangeFor([...fields]);
  const refusal = (await authenticator(caller)(exchange)) as Refusal | undefined;
  return { exchange, refusal };
}

describe("the token of whoever acts", () => {
  it("makes its bearer the actor of the caller, goes no further, and bounds how long that is known", async () => {
    for (const value of ["bot", "Bearer bot", "bearer slow-bot"]) {
      const { exchange, refusal } = await run(["X-Actor-Token", value]);
      assert.equal(refusal, undefined);
      assert.deepEqual([exchange.principal.subject, exchange.principal.actor?.subject], ["ann", "bot"]);
      assert.equal(exchange.actorToken?.digest, "digest of bot");
      assert.equal(exchange.identityUntil, exp * 1000);
      assert.deepEqual(exchange.request.headers.all("x-actor-token"), []);
      assert.equal(exchange.facts.headers.get("x-actor-token"), value);
    }
    const once = await run(["X-Actor-Token", "bot"]);
    assert.equal((await run(["X-Actor-Token", "bot"])).exchange.principal, once.exchange.principal);
  });

  it("is nothing where the definition names no field, or none came", async () => {
    const exchange = exchangeFor(["X-Actor-Token", "expired"]);
    assert.equal(authenticator(ann, null)(exchange), undefined);
    assert.equal((await run([])).exchange.principal, ann);
  });

  it("that cannot be believed refuses the request, and the client learns which of the two it is", async () => {
    const cases = {
      expired: "token-expired",
      foreign: "token-issuer-unknown",
      "": "token-malformed",
      person: "actor-not-allowed",
      "by-key": "dpop-proof-missing",
      "by-certificate": "token-certificate-mismatch",
    };
    for (const [token, reason] of Object.entries(cases)) {
      const { exchange, refusal } = await run(["X-Actor-Token", `Bearer ${token}`]);
      assert.equal(refusal?.reason, reason, token);
      assert.equal(exchange.principal.actor, undefined);
      if (reason.startsWith("token")) assert.match(refusal?.message ?? "", /^Of the token of whoever acts: /);
    }
    assert.equal((await run(["X-Actor-Token", "bot", "x-actor-token", "bot"])).refusal?.reason, "malformed-request");
  });

  it("that is bound to a certificate is good over a connection with it", () => {
    const exchange = exchangeFor(["X-Actor-Token", "by-certificate"]);
    const tls = { certificate: { fingerprint: thumbprint.toString("hex") } } as unknown as TlsFacts;
    exchange.facts = { ...exchange.facts, tls };
    assert.equal(authenticator(ann)(exchange), undefined);
    assert.equal(exchange.principal.actor?.subject, "certified");
  });

  it("acts for somebody who has proven who they are, and for whoever lets it", async () => {
    for (const caller of [anonymous, { ...ann, authMethod: "subscription-key" } as const]) {
      assert.equal((await run(["X-Actor-Token", "bot"], caller)).refusal?.reason, "credentials-missing");
    }
    const may = (sub: string): Principal => somebody("user", "ann", { may_act: { sub } });
    assert.equal((await run(["X-Actor-Token", "bot"], may("bot"))).refusal, undefined);
    assert.equal((await run(["X-Actor-Token", "bot"], may("other"))).refusal?.reason, "actor-not-allowed");
  });

  it("changes nothing about a caller who is refused", async () => {
    const exchange = exchangeFor(["X-Actor-Token", "bot"]);
    const refused = { kind: "refusal", reason: "token-expired" } as Refusal;
    assert.equal(await authenticator(refused)(exchange), refused);
    assert.equal(exchange.actorToken, null);
  });
});
