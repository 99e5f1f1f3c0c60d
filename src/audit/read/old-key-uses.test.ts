import assert from "node:assert/strict";
import { it } from "node:test";
import type { StoredRecord } from "#model/record.ts";
import { OldKeyUses } from "./old-key-uses.ts";

function use(oldKey: string, client: string, time: string, more: Partial<StoredRecord> = {}): StoredRecord {
  const principal = { kind: "anonymous", id: "anonymous", authMethod: "none" };
  return { oldKey, client, time, principal, ...more } as StoredRecord;
}

it("says by whom an old key is used, in bounded memory", () => {
  const uses = new OldKeyUses(["k1", "k2"]);
  uses.add(use("k1", "10.0.0.1", "2026-11-01"));
  uses.add(use("k1", "10.0.0.2", "2026-11-02"));
  uses.add(use("k1", "10.0.0.1", "2026-11-03"));
  uses.add(use("k1", "10.0.0.1", "2026-11-04", { stage: "open" }));
  uses.add(use("k3", "10.0.0.9", "2026-11-04"));
  assert.deepEqual(uses.of("k1"), {
    clients: [
      { client: "10.0.0.1", principal: "anonymous", requests: 2, first: "2026-11-01", last: "2026-11-03" },
      { client: "10.0.0.2", principal: "anonymous", requests: 1, first: "2026-11-02", last: "2026-11-02" },
    ],
    otherRequests: 0,
  });
  for (let i = 0; i < 150; i++) uses.add(use("k2", `10.1.0.${i}`, "2026-11-05"));
  assert.deepEqual([uses.of("k2").clients.length, uses.of("k2").otherRequests], [100, 50]);
});
