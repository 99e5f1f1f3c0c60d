import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { it } from "node:test";
import { proofWindowMs } from "#identity/dpop-proof.ts";
import { attachLimiter } from "#threads/limiter.ts";
import { limiterId } from "#threads/limiter-id.ts";
import { createLimiter } from "#threads/limiter-layout.ts";

it("no proof passes twice in its time, on whichever worker, also when there are more of them than room", () => {
  const clock = { time: 1000, mono: () => clock.time };
  const shared = createLimiter({ keys: 256, origin: 0, random: { bytes: (count) => randomBytes(count) } });
  const workers = [attachLimiter(shared, 1, clock), attachLimiter(shared, 2, clock)];
  const limiter = limiterId("dpop-proof", 1, proofWindowMs);
  const use = (worker: number, id: string): boolean =>
    (workers[worker]?.take(limiter, id, 1, proofWindowMs) ?? -1) >= 0;
  const passed = Array.from({ length: 1000 }, (_, at) => `key proof-${at}`).filter((id, at) => use(at % 2, id));
  assert.ok(passed.length >= 100 && passed.length < 1000, String(passed.length));
  clock.time += proofWindowMs - 1;
  for (const id of passed) assert.ok(!use(0, id) && !use(1, id), `${id} again`);
  // A proof's own time is over by then; there is room again for new ones.
  clock.time += 2 * proofWindowMs;
  assert.ok(use(0, "key fresh"));
});
