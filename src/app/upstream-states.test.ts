import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Snapshot } from "#model/snapshot.ts";
import type { TargetStatus } from "#model/target-health.ts";
import { upstreamStates } from "./upstream-states.ts";

const backends = [
  { name: "orders", targets: [{ url: "http://10.0.0.1:80" }], health: null },
  { name: "idle", targets: [], health: {} },
] as unknown as Snapshot["backends"];
const status = (target: string, condition: TargetStatus["condition"], active: number): TargetStatus => {
  return { backend: "orders", target, condition, active, weight: 1, priority: 0 };
};

describe("the state of targets over all workers", () => {
  it("counts the workers by what they see, and adds up what is under way", () => {
    const seen = [
      [status("http://10.0.0.1:80", "up", 2)],
      [status("http://10.0.0.1:80", "ejected", 1)],
      [status("http://10.0.0.1:80", "up", 0), status("http://10.0.0.2:80", "up", 0)],
    ];
    const { workers, upstreams } = upstreamStates({ backends }, 4, seen);
    assert.deepEqual(workers, { asked: 4, answered: 3 });
    assert.deepEqual(upstreams[0]?.targets, [
      { target: "http://10.0.0.1:80", weight: 1, priority: 0, active: 3, conditions: { up: 2, ejected: 1 } },
      { target: "http://10.0.0.2:80", weight: 1, priority: 0, active: 0, conditions: { up: 1 } },
    ]);
    assert.deepEqual(upstreams[1], { backend: "idle", urls: [], checked: true, targets: [] });
  });
});
