import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PartyRule } from "#model/approvals.ts";
import { isEnough } from "./votes.ts";

const rules: readonly PartyRule[] = ["leads", "risk", "legal"].map((group) => ({ kind: "group", group }));
const [leads, risk, legal] = ["group leads", "group risk", "group legal"];
const all = { kind: "allOf", rules } as const;

describe("whether approvals are enough", () => {
  it("finds a person for each rule, whatever came first", () => {
    assert.ok(isEnough(all, [[leads, risk, legal], [leads], [risk]] as string[][]));
    assert.ok(isEnough(all, [[leads, risk], [leads, legal], [leads]] as string[][]));
  });

  it("needs as many persons as rules, and every rule", () => {
    assert.equal(isEnough(all, [[leads, risk, legal]] as string[][]), false);
    assert.equal(isEnough(all, [[leads], [leads], [risk, legal]] as string[][]), false);
    assert.equal(isEnough({ kind: "allOf", rules: [] }, [[leads]] as string[][]), false, "a plan of nothing is none");
  });

  it("counts each approval once, and those of rules that are gone not at all", () => {
    const two = { kind: "atLeast", count: 2, rules } as const;
    assert.equal(isEnough(two, [[leads, risk]] as string[][]), false);
    assert.equal(isEnough(two, [[leads], ["group gone"]] as string[][]), false);
    assert.ok(isEnough(two, [[leads], [leads]] as string[][]));
    assert.equal(isEnough({ kind: "anyOf", rules }, [["group gone"]]), false);
  });
});
