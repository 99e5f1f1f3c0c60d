import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { linkAccess } from "./access.ts";
import { asUser, exchangeFor, fixedClock, plan, type PlainRule } from "./policy.test-helper.ts";

const staff = () => asUser(exchangeFor(), { groups: ["staff"] });

function reasonOf(rules: readonly PlainRule[], exchange = staff()): string | undefined {
  return linkAccess(plan(...rules), fixedClock)(exchange)?.reason;
}

const isStaff = ["allow", '"staff" in principal.groups'] as const;
const isRoot = ["allow", '"root" in principal.groups'] as const;

describe("access", () => {
  it("has nothing to say without rules", () => assert.equal(reasonOf([], exchangeFor()), undefined));

  it("needs one allow rule to hold", () => {
    assert.equal(reasonOf([isStaff]), undefined);
    assert.equal(reasonOf([isRoot, isStaff]), undefined);
    assert.equal(reasonOf([isRoot]), "access-denied");
  });

  it("lets deny win, wherever it stands", () => {
    assert.equal(reasonOf([isStaff, ["deny", 'request.method == "GET"']]), "access-denied");
    assert.equal(reasonOf([["deny", 'request.method == "POST"']]), undefined);
  });

  it("takes a failing deny rule for a denial", () => {
    assert.equal(reasonOf([isStaff, ["deny", "principal.claims.level < 3"]]), "access-rule-failed");
    assert.equal(reasonOf([isStaff, ["deny", 'request.headers["x"] == ""']]), "access-rule-failed");
  });

  it("never takes a failing allow rule for an allowance", () => {
    assert.equal(reasonOf([["allow", "principal.claims.level >= 3"]]), "access-rule-failed");
    assert.equal(reasonOf([["allow", "principal.claims.level >= 3"], isStaff]), undefined);
  });

  it("knows no truthiness", () => {
    const exchange = asUser(exchangeFor(), { claims: { admin: "true" } });
    assert.equal(reasonOf([["allow", "principal.claims.admin"]], exchange), "access-rule-failed");
    assert.equal(
      reasonOf(
        [isStaff, ["deny", "principal.claims.admin"]],
        asUser(exchangeFor(), { groups: ["staff"], claims: { admin: 0 } }),
      ),
      "access-rule-failed",
    );
  });

  it("names the rule for the record and shows it to no client", () => {
    const refusal = linkAccess(plan(isRoot), fixedClock)(staff());
    assert.equal(refusal?.detail, "no allow rule held: sallyport.yaml:12");
    assert.equal(refusal.message, undefined);
  });

  it("asks nobody in particular to log in, naming why a token was not used", () => {
    const exchange = exchangeFor();
    const refusal = linkAccess(plan(isStaff), fixedClock)(exchange);
    assert.deepEqual([refusal?.reason, refusal?.headers], ["credentials-missing", ["WWW-Authenticate", "Bearer"]]);
    exchange.identityNote = "token-issuer-unknown";
    assert.equal(reasonOf([isStaff], exchange), "token-issuer-unknown");
    assert.equal(reasonOf([["allow", "principal.claims.level >= 3"]], exchangeFor()), "credentials-missing");
  });
});
