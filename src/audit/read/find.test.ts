import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ManualClock, openWriter, recordId, shortRecord, temporaryFolder } from "#audit/testing/doubles.ts";
import { fileOf, readSegments } from "#audit/testing/written-audit.ts";
import { isEvent } from "#audit/entry.ts";
import { findRecord, wasRetired } from "./find.ts";

/** One record a second, about ten to a segment. */
function timedAudit(folder: string): void {
  const clock = new ManualClock();
  const writer = openWriter(folder, { clock, segmentBytes: 4000 });
  for (let second = 0; second < 60; second += 1) {
    clock.elapsed = second * 1000;
    writer.append(shortRecord(second));
  }
  // An exchange that took the whole minute: its id is old, its record is new.
  writer.append(Buffer.from(shortRecord(1).toString().replace(recordId(1), recordId(1).replace(/.$/, "f"))));
  writer.close();
}

async function pathOf(folder: string, id: string): Promise<string | undefined> {
  const found = await findRecord(folder, id);
  return found === undefined || isEvent(found) ? undefined : found.path;
}

describe("find", () => {
  it("finds every record by its id, wherever it stands", async (t) => {
    const folder = temporaryFolder(t);
    timedAudit(folder);
    assert.ok(readSegments(folder).length > 4);
    for (let second = 0; second < 60; second += 1) {
      assert.equal(await pathOf(folder, recordId(second)), `/orders/${second}`);
    }
    assert.equal(await pathOf(folder, recordId(1).replace(/.$/, "f")), "/orders/1");
  });

  it("tells what is gone with retired segments from what never was", async (t) => {
    const folder = temporaryFolder(t);
    timedAudit(folder);
    assert.equal(await wasRetired(folder, recordId(0)), false);
    for (const segment of [1, 2]) rmSync(join(folder, fileOf(segment)));
    assert.equal(await wasRetired(folder, recordId(0)), true);
    assert.equal(await wasRetired(folder, recordId(59)), false);
    assert.equal(await wasRetired(folder, "no-id"), false);
  });

  it("does not read segments that were full before the request came", async (t) => {
    const folder = temporaryFolder(t);
    timedAudit(folder);
    const path = join(folder, fileOf(1));
    const planted = readFileSync(path, "utf8")
      .replaceAll(recordId(0), recordId(59))
      .replaceAll("/orders/0", "/planted");
    writeFileSync(path, planted);
    assert.equal(await pathOf(folder, recordId(59)), "/orders/59");
  });

  it("finds a record even when the clock was set back", async (t) => {
    const folder = temporaryFolder(t);
    const clock = new ManualClock();
    const writer = openWriter(folder, { clock, segmentBytes: 1200 });
    for (let second = 100; second > 90; second -= 1) {
      clock.wall -= 3_600_000;
      writer.append(shortRecord(second));
    }
    writer.close();
    for (let second = 100; second > 90; second -= 1) {
      assert.equal(await pathOf(folder, recordId(second)), `/orders/${second}`);
    }
  });

  it("tells how a request ended before that it began, and that before that it was about to", async (t) => {
    const folder = temporaryFolder(t);
    const staged = (stage: string): Buffer =>
      Buffer.from(
        shortRecord(1)
          .toString()
          .replace(/}$/, stage === "" ? "}" : `,"stage":"${stage}"}`),
      );
    const found = async (...stages: readonly string[]): Promise<string | undefined> => {
      const writer = openWriter(join(folder, stages.join("-")));
      for (const stage of stages) writer.append(staged(stage));
      writer.close();
      const record = await findRecord(join(folder, stages.join("-")), recordId(1));
      assert.ok(record !== undefined && !isEvent(record));
      return record.stage;
    };
    assert.equal(await found("intent", "open", ""), undefined);
    assert.equal(await found("open", ""), undefined);
    assert.equal(await found("intent", "open"), "open");
    assert.equal(await found("intent"), "intent");
  });

  it("gives undefined for an id that is not there, or is none", async (t) => {
    const folder = temporaryFolder(t);
    timedAudit(folder);
    const ids = [recordId(9999), "not-there", "", '"', "../../etc/passwd", "x".repeat(65), recordId(5).slice(0, -1)];
    for (const id of ids) assert.equal(await findRecord(folder, id), undefined, id);
    assert.equal(await findRecord(join(folder, "absent"), recordId(1)), undefined);
  });

  it("is not led astray by an id inside another record", async (t) => {
    const folder = temporaryFolder(t);
    const writer = openWriter(folder);
    writer.append(shortRecord(1, JSON.stringify(`\n{"id":"${recordId(2)}"`).slice(1, -1)));
    writer.append(shortRecord(2));
    writer.close();
    assert.equal(await pathOf(folder, recordId(2)), "/orders/2");
  });
});
