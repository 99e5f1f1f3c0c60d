import assert from "node:assert/strict";
import { it } from "node:test";
import { whoOf } from "./explain-who.ts";

it("says which of somebody's groups decided", () => {
  const principal = { kind: "user", id: "jane", authMethod: "token", groups: ["a", "b"], groupsUsed: ["b"] };
  assert.equal(whoOf({ principal }), "user jane, by token, groups a, b, of which b decided");
});
