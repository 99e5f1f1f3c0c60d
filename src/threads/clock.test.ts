import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { createClock } from "./clock.ts";

if (!isMainThread) parentPort?.postMessage(createClock().mono(), []);
else
  test("all threads count from the same moment", async () => {
    const before = createClock().mono();
    const [inWorker] = (await once(new Worker(new URL(import.meta.url)), "message")) as [number];
    assert.ok(before < inWorker && inWorker < createClock().mono());
  });
