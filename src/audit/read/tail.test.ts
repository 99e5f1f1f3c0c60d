import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { isControl } from "#audit/entry.ts";
import { temporaryFolder } from "#audit/testing/doubles.ts";
import { fileOf, writeAudit } from "#audit/testing/written-audit.ts";
import { tailRecords } from "./tail.ts";

it("gives the newest entries, oldest first, over segments", async (t) => {
  const { folder, segments } = writeAudit(temporaryFolder(t), 700, 90_000);
  const all = segments.flat().map((line) => JSON.parse(line) as unknown);
  assert.ok(segments.length > 1);
  for (const count of [0, 1, 2, 50, 400, all.length, all.length + 10]) {
    assert.deepEqual(await tailRecords(folder, count), count === 0 ? [] : all.slice(-count));
  }
  const [closed] = await tailRecords(folder, 1);
  assert.ok(closed !== undefined && isControl(closed) && closed.kind === "closed");
});

it("leaves out half a last line and what is no entry", async (t) => {
  const { folder, segments } = writeAudit(temporaryFolder(t), 5, 90_000);
  appendFileSync(join(folder, fileOf(1)), 'null\n{}\n{"seq":1,"id":"x"}\n{"id":"half');
  const last = JSON.parse(segments[0]?.at(-1) ?? "") as unknown;
  assert.deepEqual(await tailRecords(folder, 1), [last]);
});

it("has nothing to give for a folder that is not there", async (t) => {
  assert.deepEqual(await tailRecords(join(temporaryFolder(t), "absent"), 5), []);
});
