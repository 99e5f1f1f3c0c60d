import assert from "node:assert/strict";
import { it } from "node:test";
import { askTable } from "./ask-table.ts";
import { backend } from "./steps/backend.ts";
import { grant } from "./steps/grant.ts";
import { outbound } from "./steps/outbound.ts";
import { inboundRows, requestTable } from "./table.ts";

it("a question takes the very rows that decide on every request, in their order", () => {
  assert.deepEqual(requestTable.slice(0, inboundRows.length), inboundRows);
  const shared = askTable.filter((row) => requestTable.includes(row));
  assert.deepEqual(shared, inboundRows);
});

it("a question has no row that forwards, and is granted behind all others", () => {
  const runs = askTable.map(({ run }) => run);
  assert.equal(runs.includes(backend), false);
  assert.equal(runs.includes(outbound), false);
  assert.equal(runs.indexOf(grant), runs.length - 1);
});
