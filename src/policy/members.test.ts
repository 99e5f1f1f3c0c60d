import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RoleRule } from "#model/definition.ts";
import type { ProductFacts } from "#model/snapshot.ts";
import { linkMembers } from "./members.ts";
import { asUser, exchangeFor, fixedClock } from "./policy.test-helper.ts";

const cel = (source: string): RoleRule => ({
  kind: "cel",
  condition: { language: "cel", source, at: { file: "sallyport.yaml", line: 1, column: 1 } },
});

const offer = { approvalRequired: false, subscriptionsLimit: null, isPublished: true, groups: [], apis: [] };

function product(name: string, ...members: readonly RoleRule[]): ProductFacts {
  return { name, displayName: name, subscription: "identity", members, offer };
}

const auditors = product("auditors", { kind: "group", group: "auditors" }, cel('"audit" in principal.approvals'));
const broken = product("broken", cel("principal.claims.level > 3"));
const both = product("both", cel('"a" in principal.approvals && "b" in principal.approvals'));
const all = [auditors, broken, both];
const members = linkMembers(all, fixedClock);
const ann = () => asUser(exchangeFor(), { groups: ["staff"] });

describe("members of products", () => {
  it("are the holders of an approval, for as long as they hold it", () => {
    assert.equal(members.holds(ann(), auditors), false);
    assert.equal(members.holds(asUser(exchangeFor(), { approvals: ["audit"] }), auditors), true);
    assert.equal(members.holds(asUser(exchangeFor(), { groups: ["auditors"] }), auditors), true);
    assert.equal(members.holds(ann(), broken), false, "a rule that fails holds for nobody");
  });

  it("are noted for the record with the group that made them one", () => {
    const exchange = asUser(exchangeFor(), { groups: ["auditors"] });
    assert.equal(members.holds(exchange, auditors), true);
    assert.deepEqual(exchange.groupsAsked, ["auditors"]);
    const other = ann();
    members.holds(other, auditors);
    members.missing(other, all);
    assert.equal(other.groupsAsked, null);
  });

  it("are told the approval that alone would make them one, and stay as they were", () => {
    const exchange = ann();
    const { principal } = exchange;
    assert.equal(members.missing(exchange, all), "audit");
    assert.equal(exchange.principal, principal);
    assert.equal(members.missing(exchange, [broken]), undefined);
    assert.equal(members.missing(exchange, [both]), undefined, "one alone does not");
    assert.equal(members.missing(asUser(exchangeFor(), { approvals: ["a"] }), [both]), "b");
  });
});
