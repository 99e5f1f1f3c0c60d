import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { csvCell } from "#audit/read/csv.ts";
import { reportPage } from "./report-page.ts";
import { reportTable } from "./report-table.ts";
import type { AuditReport } from "./report.ts";

const hostile = `=1+1"><script>alert(1)</script>`;
const event = {
  time: "2026-03-01T00:00:00.000Z",
  event: "user.written",
  by: hostile,
  details: { user: hostile },
  seq: 7,
};
const report: AuditReport = {
  from: "2026-01-01T00:00:00.000Z",
  to: "2026-04-01T00:00:00.000Z",
  made: "2026-04-01T00:00:01.000Z",
  nodes: ["gw-1"],
  environments: ["prod"],
  verification: {
    ok: true,
    records: 10,
    segments: 2,
    bytes: 1000,
    gaps: [],
    gapCount: 3,
    tornTail: false,
    closed: true,
    head: { seq: 4711, hash: "0".repeat(64) },
    tree: { size: 4711, root: "1".repeat(64) },
    checkpoints: 1,
    retired: { segments: 9, lines: 4600 },
  },
  reach: { problem: "none", entry: null, since: null, operations: [], products: [], subscriptions: [] },
  activity: {
    requests: 1,
    denied: 0,
    principals: [
      {
        id: hostile,
        kind: "user",
        requests: 1,
        denied: 0,
        bytesOut: 1,
        first: event.time,
        last: event.time,
        apis: [hostile],
        actors: [],
      },
    ],
    principalsLeftOut: 0,
    reasons: [],
  },
  approvals: [event],
  keys: [event],
  configuration: [{ ...event, diff: `+ ${hostile}` }],
  people: [event],
  gateway: [event],
};

describe("the page of a report", () => {
  it("says what of the record is not here", () => {
    assert.match(reportPage(report), /4600 lines in 9 segments/);
    assert.match(reportTable(report), /verification,.*lines retired: 4600; gaps: 3,4711/);
    const { retired: _retired, ...whole } = report.verification;
    assert.match(reportPage({ ...report, verification: whole }), /from its first line on/);
  });

  it("has in a table what changed, who acted, and that principals were left out", () => {
    const [one] = report.activity.principals;
    assert.ok(one);
    const principals = [{ ...one, id: "ann", actors: ["agent-7"] }];
    const configuration = [{ ...event, by: "bob", diff: '--- a/x\n+++ b/x\n+ access: "public"' }];
    const activity = { ...report.activity, principals, principalsLeftOut: 3 };
    const table = reportTable({ ...report, activity, configuration });
    assert.ok(table.includes('bob,difference,,"\'--- a/x\n+++ b/x\n+ access: ""public""",7\n'), table);
    assert.match(table, /^activity,.*,ann,.*acting for it: agent-7/m);
    assert.match(table, /^activity,,,3 or more principals/m);
  });

  it("takes nothing for a formula, wherever a spreadsheet may see one", () => {
    for (const start of ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]) {
      assert.match(csvCell(`${start}1+1`), /^"?'/, JSON.stringify(start));
    }
    assert.deepEqual([csvCell("a=1"), csvCell(-1)], ["a=1", "-1"]);
  });

  it("shows what people are called as text, in a page and in a table", () => {
    const page = reportPage(report);
    assert.ok(page.includes("&lt;script&gt;alert(1)") && !/<script|<img/.test(page));
    for (const line of reportTable(report).split("\n")) assert.doesNotMatch(line, /(?:^|,)"?[=+@]/);
  });
});
