import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { askTable } from "#pipeline/ask-table.ts";
import { siteTable } from "#pipeline/site-table.ts";
import { requestTable } from "#pipeline/table.ts";
import { isStep } from "./steps.ts";

describe("steps of a trace", () => {
  it("are the rows of every table, by their names", () => {
    for (const row of [...requestTable, ...askTable, ...siteTable]) assert.ok(isStep(row), `${row.door} ${row.step}`);
  });
});
