import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Refusal } from "#model/decision.ts";
import type { Principal } from "#model/principal.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { asUser, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

const ann: Partial<Principal> = { authMethod: "basic", issuer: "basic:staff", subject: "ann" };

function outcomeOf(some: Partial<Principal> | ReasonCode, args: object = {}): readonly unknown[] | undefined {
  const exchange = typeof some === "string" ? exchangeFor([]) : asUser(exchangeFor([]), some);
  if (typeof some === "string") exchange.identityNote = some;
  const refusal = run(policy("validate-basic", { users: "staff", ...args }), exchange) as Refusal | undefined;
  return refusal && [refusal.reason, ...(refusal.headers ?? [])];
}

const asked = ["WWW-Authenticate", 'Basic realm="restricted"'];

describe("validate-basic", () => {
  it("lets the users of its list through, or those of them that it names", () => {
    assert.equal(outcomeOf(ann), undefined);
    assert.equal(outcomeOf(ann, { names: ["bob", "ann"] }), undefined);
    assert.deepEqual(outcomeOf(ann, { names: ["bob"] }), ["credentials-missing", ...asked]);
  });

  it("takes nobody who came in otherwise, whatever they are called", () => {
    for (const other of [{}, { ...ann, issuer: "basic:other" }, { ...ann, authMethod: "token" as const }]) {
      assert.deepEqual(outcomeOf(other), ["credentials-missing", ...asked]);
    }
  });

  it("says what was wrong with a password, and asks for another where that helps", () => {
    assert.deepEqual(outcomeOf("password-invalid", { realm: "R" }), [
      "password-invalid",
      "WWW-Authenticate",
      'Basic realm="R"',
    ]);
    assert.deepEqual(outcomeOf("password-attempts-exceeded"), ["password-attempts-exceeded"]);
    assert.deepEqual(outcomeOf("token-issuer-unknown"), ["credentials-missing", ...asked]);
  });

  it("hands the name on", () => {
    const exchange = asUser(exchangeFor([]), ann);
    run(policy("validate-basic", { users: "staff", outputVariable: "who" }), exchange);
    assert.equal(exchange.variables?.get("who"), "ann");
  });
});
