import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileRecordFilter } from "./record-filter.ts";

const record = {
  id: "a",
  time: "2026-03-01T12:00:00.000Z",
  principal: { kind: "service", subject: "svc-billing", groups: ["billing"] },
  decision: "deny",
  reasons: ["access-denied"],
  status: 403,
  durationMs: 1.5,
  path: "/orders/7",
  handovers: [{ door: "policy", outcome: "refused", micros: 12 }],
};

function filter(source: string) {
  const compiled = compileRecordFilter(source);
  assert.ok(compiled.ok, source);
  return compiled.filter;
}

describe("record filter", () => {
  const holding = [
    'decision == "deny" && principal.subject == "svc-billing"',
    '"access-denied" in reasons',
    "status >= 400 && status < 500",
    "durationMs > 1 && durationMs < 2.0",
    'path.matches("^/orders/[0-9]+$")',
    'handovers.exists(one, one.door == "policy" && one.micros > 10)',
    'timestamp(time) > timestamp("2026-01-01T00:00:00Z")',
    "!has(tls.version)",
    'product != "gold"',
    'principal.?tenant.orValue("none") == "none"',
  ];
  for (const source of holding) it(`takes ${source}`, () => assert.equal(filter(source).matches(record), true));

  for (const source of [
    'decision == "allow"',
    "has(upstream.name)",
    'tls.version == "TLSv1.3"',
    'status == "403"',
    "status",
  ]) {
    it(`passes over ${source}`, () => assert.equal(filter(source).matches(record), false));
  }

  it("knows what every match has, from what is joined by && alone", () => {
    assert.deepEqual(filter('decision == "deny" && ("x" in reasons && 403 == status)').required, [
      { path: "decision", value: "deny" },
      { path: "reasons", value: "x" },
      { path: "status", value: 403n },
    ]);
    for (const source of ['decision == "deny" || status == 403', '!(decision == "deny")', 'decision != "deny"']) {
      assert.deepEqual(filter(source).required, []);
    }
  });

  it("tells of what is no filter, with its place", () => {
    for (const [source, offset] of [
      ["decison == 1", 0],
      ['decision == "', 12],
      ["1", 0],
    ] as const) {
      const compiled = compileRecordFilter(source);
      assert.deepEqual(compiled.ok || compiled.problem.offset, offset, source);
    }
  });
});
