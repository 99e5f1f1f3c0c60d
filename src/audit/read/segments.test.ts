import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { ManualClock, openWriter, temporaryFolder } from "#audit/testing/doubles.ts";
import { listSegments, segmentBegan } from "./segments.ts";

it("lists segments by number, and nothing else", async (t) => {
  const folder = temporaryFolder(t);
  for (const name of [
    "00000010.jsonl",
    "00000009.jsonl",
    "00000009.jsonl.damaged-00",
    "9.jsonl",
    "notes.txt",
    "100000000.jsonl",
  ]) {
    writeFileSync(join(folder, name), "");
  }
  assert.deepEqual(
    (await listSegments(folder)).map(({ number }) => number),
    [9, 10, 100_000_000],
  );
});

it("reads when a segment began from its first line", async (t) => {
  const folder = temporaryFolder(t);
  const clock = new ManualClock();
  openWriter(folder, { clock }).close();
  writeFileSync(join(folder, "00000002.jsonl"), '{"id":"x","time":"2026-03-01T12:00:00.000Z"}\n');
  const [first, second] = await listSegments(folder);
  assert.ok(first !== undefined && second !== undefined);
  assert.equal(await segmentBegan(first), clock.now());
  assert.equal(await segmentBegan(second), undefined);
});
