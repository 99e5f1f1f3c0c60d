import assert from "node:assert/strict";
import { it } from "node:test";
import { Places } from "./places.ts";

it("gives out so many places in all, and fewer to one", () => {
  const places = new Places(3, 2);
  assert.deepEqual(
    ["a", "a", "a", "b", "c"].map((key) => places.take(key)),
    [true, true, false, true, false],
  );
  places.leave("a");
  assert.deepEqual(
    ["c", "a"].map((key) => places.take(key)),
    [true, false],
  );
  for (const key of ["a", "b", "c", "c", "nobody"]) places.leave(key);
  assert.equal(places.free, 3);
});
