import assert from "node:assert/strict";
import { it } from "node:test";
import type { CallerChange } from "#compile/promotion/finding.ts";
import { type Accepted, collectAccepted, isAccepted } from "./accepted.ts";

const accept = (...texts: readonly string[]): readonly Accepted[] =>
  texts.reduce<readonly Accepted[]>((before, text) => collectAccepted(text, before), []);

it("accepts a danger by its code, of whatever or of all that it is about", () => {
  const subjects = ["operation orders.list", "operation orders.make"];
  const change: CallerChange = { code: "limit-looser", level: "danger", text: "", subjects };
  assert.equal(isAccepted(change, accept()), false);
  assert.equal(isAccepted(change, accept("made-public")), false);
  assert.equal(isAccepted(change, accept("limit-looser")), true);
  assert.equal(isAccepted(change, accept("limit-looser:operation orders.list")), false);
  assert.equal(isAccepted(change, accept(...subjects.map((one) => `limit-looser:${one}`))), true);
  assert.equal(isAccepted(change, accept(...subjects.map((one) => `made-public:${one}`))), false);
  assert.throws(() => accept("limit-loser"), /It takes one of made-public, /);
  assert.throws(() => accept("constructor"), /It takes one of/);
});
