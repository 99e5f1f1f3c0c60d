import assert from "node:assert/strict";
import { it } from "node:test";
import { groupNames } from "./group-names.ts";

it("names what an expression compares groups with, and no other text", () => {
  for (const [source, names] of [
    ['"staff" in principal.groups', ["staff"]],
    ['principal.kind == "agent" && ("a" in principal.groups || !("b" in principal.groups))', ["a", "b"]],
    ['principal.groups.exists(g, g == "a" || g in ["b", "c"])', ["a", "b", "c"]],
    ['["a", "b"].exists(name, name in principal.groups) && request.method == "GET"', ["a", "b"]],
    ['request.method == "GET" ? "reader" in principal.groups : "writer" in principal.groups', ["reader", "writer"]],
    ['"payroll" in principal.approvals && principal.subject == "groups"', []],
    ["request.path in principal.groups", []],
    ["principal.groups.size() > 0", []],
    ["not CEL at all", []],
  ] as const) {
    assert.deepEqual(groupNames(source), names, source);
  }
});
