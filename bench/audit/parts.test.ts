import assert from "node:assert/strict";
import { test } from "node:test";
import { addedByParts } from "./parts.ts";
import { workerShare } from "./worker-share.ts";

const bare = new Map([
  ["sallyport-0", 30],
  ["sallyport-audit", 1],
  ["sallyport-backg", 0.5],
  ["analytics", 0.5],
]);

void test("what threads of their own take beyond a gateway without a record counts, and the worker by itself", () => {
  const recorded = new Map([...bare, ["sallyport-0", 50], ["sallyport-audit", 4], ["sallyport-backg", 1.5]] as const);
  assert.deepEqual(addedByParts(recorded, bare, 1.25), { own: 4, worker: 1.25, share: 5.25 / 32 });
});

void test("a thread that is called otherwise is no thread that costs nothing", () => {
  const recorded = new Map([...bare].filter(([name]) => name !== "sallyport-audit"));
  assert.throws(() => addedByParts(recorded, bare, 1), /no thread sallyport-audit/);
});

void test("a worker's share is that of records that came out of its ring", () => {
  assert.ok(workerShare(3, 1) > 0);
});
