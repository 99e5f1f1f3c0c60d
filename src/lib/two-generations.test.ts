import assert from "node:assert/strict";
import { it } from "node:test";
import { TwoGenerations } from "./two-generations.ts";

it("what is used survives any number of newcomers, what is not goes", () => {
  const kept = new TwoGenerations<number>(100, 1_000_000);
  kept.set("used", 1, 1);
  kept.set("unused", 2, 1);
  for (let at = 0; at < 10_000; at += 1) {
    kept.set(`new-${at}`, at, 1);
    assert.equal(kept.get("used"), 1);
    assert.ok(kept.size <= 100);
  }
  assert.equal(kept.get("unused"), undefined);
});

it("is bounded in bytes as well, and keeps nothing that alone is too large", () => {
  const kept = new TwoGenerations<number>(1000, 100);
  for (let at = 0; at < 50; at += 1) kept.set(`k${at}`, at, 10);
  assert.equal(kept.size, 10);
  kept.set("huge", 1, 51);
  assert.equal(kept.get("huge"), undefined);
});

it("counts a replaced or deleted entry once", () => {
  const kept = new TwoGenerations<number>(1000, 100);
  for (let at = 0; at < 50; at += 1) kept.set("same", at, 10);
  kept.set("other", 1, 10);
  assert.equal(kept.get("same"), 49);
  kept.delete("same");
  assert.equal(kept.get("same"), undefined);
  assert.equal(kept.size, 1);
});
