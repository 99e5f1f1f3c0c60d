import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AccessRequest } from "#model/access-requests.ts";
import { accessEvent } from "./access-event.ts";

const party = { id: "corp||ann", kind: "user", name: "", email: "", actors: ["corp||bot"], user: null } as const;
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
const step = { step: "expire", by: null, behalfOf: null, comment: "", rules: [], at: 60_010 } as const;

describe("the event of a step of an access request", () => {
  it("is the gateway's own when time has ended it", () => {
    const { event, by, details } = accessEvent({ request, approval: null, step });
    assert.deepEqual([event, by], ["access.expire", undefined]);
    assert.deepEqual([details.request, details.reason, details.state], [request.id, "month end", "expired"]);
    assert.equal(details.until, "1970-01-01T00:01:00.010Z");
  });

  it("names whoever has made it, and who acted for them", () => {
    const { event, by } = accessEvent({ request, approval: null, step: { ...step, step: "revoke", by: party } });
    assert.deepEqual([event, by?.id, by?.actor?.id], ["access.revoke", "corp||ann", "corp||bot"]);
  });
});
