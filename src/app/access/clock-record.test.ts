import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AccessRequest } from "#model/access-requests.ts";
import { clockRecord } from "./clock-record.ts";

const party = { id: "corp||ann", kind: "user", name: "", email: "", actors: [], user: null } as const;
const request: AccessRequest = {
  id: "0198c1f2-7c3a-7e51-9a51-3f8f0f6f2b11",
  approval: "payroll-admin",
  grantee: party.id,
  requester: party,
  reason: "month end",
  durationMs: 60_000,
  state: "expired",
  isBreakGlass: false,
  createdAt: 0,
  answerBy: 1000,
  startsAt: 10,
  endsAt: 60_010,
  steps: [],
};

describe("the record of what time has ended", () => {
  it("names the gateway as who did it, and the request", () => {
    const step = { step: "expire", by: null, behalfOf: null, comment: "", rules: [], at: 60_010 } as const;
    const exchange = clockRecord({ request, approval: null, step }, "id-1", { now: () => 60_010, mono: () => 5 });
    assert.deepEqual([exchange.facts.id, exchange.principal.id], ["id-1", "urn:sallyport:gateway||clock"]);
    assert.equal(exchange.facts.path, `/access/requests/${request.id}/expire`);
    const [handover] = exchange.trail;
    assert.deepEqual([handover?.step, handover?.outcome], ["expire-access", "passed"]);
    assert.match(handover?.detail ?? "", /payroll-admin of corp\|\|ann is expired/);
    assert.equal(exchange.response?.status, 200);
  });
});
