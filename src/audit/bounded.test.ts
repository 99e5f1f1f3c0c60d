import assert from "node:assert/strict";
import { it } from "node:test";
import { bounded } from "./bounded.ts";

it("cuts with a mark, never through a pair", () => {
  assert.equal(bounded("abcdef", 6), "abcdef");
  assert.equal(bounded("abcdefg", 6), "abcde…");
  assert.equal(bounded("abcd🙂xyz", 6), "abcd…");
  assert.equal(bounded("abc🙂xyz", 6), "abc🙂…");
  assert.ok(bounded("🙂🙂🙂🙂", 4).isWellFormed());
});
