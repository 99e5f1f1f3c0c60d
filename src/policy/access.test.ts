import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AccessRule } from "#model/definition.ts";
import { linkAccess } from "./access.ts";
import { asUser, exchangeFor, fixedClock, plan, type PlainRule } from "./policy.test-helper.ts";

const staff = () => asUser(exchangeFor(), { groups: ["staff"] });

function reasonOf(rules: readonly PlainRule[], exchange = staff()): string | undefined {
  return linkAccess(plan(...rules), fixedClock).decide(exchange)?.reason;
}

const isStaff = ["allow", '"staff" in principal.groups'] as const;
const isRoot = ["allow", '"root" in principal.groups'] as const;

function ruleOf(effect: AccessRule["effect"], source: string): AccessRule {
  return plan([effect, source]).rules[0] as AccessRule;
}

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

  it("notes for the record which groups the rule asked for that decided", () => {
    const askedBy = (...rules: readonly PlainRule[]): readonly string[] | null => {
      const exchange = staff();
      linkAccess(plan(...rules), fixedClock).decide(exchange);
      return exchange.groupsAsked;
    };
    assert.deepEqual(askedBy(isRoot, isStaff), ["staff"]);
    assert.deepEqual(askedBy(isStaff, ["deny", '"staff" in principal.groups && request.method == "GET"']), ["staff"]);
    assert.equal(askedBy(isRoot), null);
    assert.equal(askedBy(["allow", 'request.method == "GET"']), null);
    // That the approval would have let somebody in has not.
    assert.equal(askedBy(["allow", '"staff" in principal.groups && "x" in principal.approvals']), null);
  });

  it("names the rule for the record and shows it to no client", () => {
    const refusal = linkAccess(plan(isRoot), fixedClock).decide(staff());
    assert.equal(refusal?.detail, "no allow rule held: sallyport.yaml:12");
    assert.equal(refusal.message, undefined);
  });

  it("asks nobody in particular to log in, naming why a token was not used", () => {
    const exchange = exchangeFor();
    const refusal = linkAccess(plan(isStaff), fixedClock).decide(exchange);
    assert.deepEqual([refusal?.reason, refusal?.headers], ["credentials-missing", ["WWW-Authenticate", "Bearer"]]);
    exchange.identityNote = "token-issuer-unknown";
    assert.equal(reasonOf([isStaff], exchange), "token-issuer-unknown");
    assert.equal(reasonOf([["allow", "principal.claims.level >= 3"]], exchangeFor()), "credentials-missing");
  });

  it("gives the reason that the rule names", () => {
    const closed = { ...ruleOf("deny", 'request.method == "GET"'), reason: "outside-hours" } as const;
    const member = { ...ruleOf("allow", '"root" in principal.groups'), reason: "group-missing" } as const;
    const decide = (...rules: readonly AccessRule[]) =>
      linkAccess({ ...plan(), rules }, fixedClock).decide(staff())?.reason;
    assert.equal(decide(closed), "outside-hours");
    assert.equal(decide(ruleOf("allow", "principal.subject == 'x'"), member), "group-missing");
    assert.equal(decide(ruleOf("allow", "principal.claims.x"), member), "access-rule-failed", "a failure is told");
  });

  it("rules by the time of the clock it is given", () => {
    const open = plan(["allow", 'now.getHours("Europe/Berlin") in [8, 9]']);
    const at = (time: string) => linkAccess(open, { now: () => Date.parse(time), mono: () => 0 }).decide(staff());
    assert.equal(at("2026-07-01T07:59:59Z"), undefined);
    assert.equal(at("2026-07-01T08:00:00Z")?.reason, "access-denied");
  });

  it("says which approval would let the same request through, and only then", () => {
    const needsBoth = '"staff" in principal.groups && "payroll" in principal.approvals';
    const decide = (source: string, exchange = staff()) =>
      linkAccess(plan(["allow", source]), fixedClock).decide(exchange);
    assert.deepEqual([decide(needsBoth)?.reason, decide(needsBoth)?.approval], ["approval-required", "payroll"]);
    const outsider = asUser(exchangeFor(), { groups: [] });
    assert.deepEqual(
      [decide(needsBoth, outsider)?.reason, decide(needsBoth, outsider)?.approval],
      ["access-denied", undefined],
    );
    const holder = asUser(exchangeFor(), { groups: ["staff"], approvals: ["payroll"] });
    assert.equal(decide(needsBoth, holder), undefined);
    assert.equal(decide(needsBoth, exchangeFor())?.reason, "credentials-missing", "nobody in particular has to log in");
    const denied = plan(["deny", 'request.method == "GET" && !("break" in principal.approvals)']);
    assert.equal(linkAccess(denied, fixedClock).decide(staff())?.approval, "break");
  });

  it("leaves the principal as it was when it has tried approvals", () => {
    const exchange = staff();
    const { principal } = exchange;
    linkAccess(plan(["allow", '"payroll" in principal.approvals']), fixedClock).decide(exchange);
    assert.equal(exchange.principal, principal);
  });

  it("explains every rule with its value", () => {
    const rules = plan(isRoot, isStaff, ["deny", "principal.claims.x"]);
    const values = linkAccess(rules, fixedClock)
      .explain(staff())
      .map(({ effect, value }) => [effect, value]);
    assert.deepEqual(values, [
      ["allow", false],
      ["allow", true],
      ["deny", undefined],
    ]);
  });
});
