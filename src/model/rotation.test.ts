import assert from "node:assert/strict";
import { test } from "node:test";
import { rotationStage } from "./rotation.ts";

test("a secret is young, then noticed, then due, each from its very millisecond on", () => {
  const rotation = { every: 90, grace: 14, notice: 14 };
  const stages = [1000, 1075, 1076, 1089, 1090, 5000].map((now) => rotationStage(1000, rotation, now));
  assert.deepEqual(stages, ["young", "young", "noticed", "noticed", "due", "due"]);
  assert.equal(rotationStage(1000, { ...rotation, notice: 0 }, 1089), "young");
});
