import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { granteeOf } from "#model/access-requests.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { GrantsInForce } from "./grants-in-force.ts";

const ann: Principal = Object.freeze({ ...anonymous, id: "corp||ann", kind: "user" });
const bot: Principal = { ...anonymous, id: "corp||bot", kind: "agent" };
const throughBot: Principal = Object.freeze({ ...ann, actor: bot });

describe("grants in force", () => {
  it("give a principal its approvals, each until its own end", () => {
    let now = 1000;
    const grants = [
      { approval: "payroll", id: "r1", reason: "", until: 2000 },
      { approval: "break", id: "r1", reason: "", until: 3000 },
    ];
    const inForce = new GrantsInForce({ now: () => now }, [{ grantee: ann.id, grants }]);
    assert.deepEqual(inForce.of(ann).approvals, ["payroll", "break"]);
    assert.equal(inForce.of(ann), inForce.of(ann), "one copy for many requests");
    now = 1999;
    assert.deepEqual(inForce.of(ann).approvals, ["payroll", "break"]);
    now = 2000;
    assert.deepEqual(inForce.of(ann).approvals, ["break"]);
    now = 3000;
    assert.equal(inForce.of(ann), ann);
  });

  it("change at once, and say when something was taken away", () => {
    const inForce = new GrantsInForce({ now: () => 0 }, []);
    assert.equal(inForce.of(ann), ann);
    const payroll = { approval: "payroll", id: "r1", reason: "audit", until: 10 };
    assert.equal(inForce.set([{ grantee: ann.id, grants: [payroll] }]), false);
    assert.deepEqual(inForce.of(ann).approvals, ["payroll"]);
    assert.equal(inForce.set([{ grantee: ann.id, grants: [{ ...payroll, until: 5 }] }]), true, "a shorter one");
    assert.equal(inForce.set([{ grantee: ann.id, grants: [] }]), true);
    assert.equal(inForce.of(ann), ann);
  });

  it("keep a person and an agent that acts for it apart", () => {
    const grants = [{ approval: "payroll", id: "r1", reason: "", until: 10 }];
    const ofAnn = new GrantsInForce({ now: () => 0 }, [{ grantee: granteeOf(ann), grants }]);
    assert.equal(ofAnn.of(throughBot), throughBot);
    const ofBot = new GrantsInForce({ now: () => 0 }, [{ grantee: granteeOf(throughBot), grants }]);
    assert.equal(ofBot.of(ann), ann);
    assert.deepEqual(ofBot.of(throughBot).approvals, ["payroll"]);
  });

  it("give nobody in particular anything", () => {
    const grants = [{ approval: "payroll", id: "r1", reason: "", until: 10 }];
    const inForce = new GrantsInForce({ now: () => 0 }, [{ grantee: anonymous.id, grants }]);
    assert.equal(inForce.of(anonymous), anonymous);
  });
});
