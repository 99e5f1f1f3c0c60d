import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readCheckpoint } from "./merkle/checkpoint.ts";
import { proveLine } from "./read/prove.ts";
import { checkLine } from "./read/check-line.ts";
import { findRecord } from "./read/find.ts";
import { verifyAudit } from "./read/verify.ts";
import type { SegmentWriter, UntakenSegments, WriterProblem } from "./segment-writer.ts";
import { ManualClock, openWriter, recordId, shortRecord, temporaryFolder } from "./testing/doubles.ts";
import { testLogKey } from "./testing/signed-audit.ts";
import { fileOf } from "./testing/written-audit.ts";

function segmentsIn(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
}

interface Keep {
  readonly maxBytes?: number;
  readonly maxAgeMs?: number;
  readonly behindBytes?: number;
  readonly behindAgeMs?: number;
  readonly heldFrom?: number;
}

function setup(folder: string, keep: Keep) {
  const { signer, key } = testLogKey();
  const clock = new ManualClock();
  const notes: string[] = [];
  const { maxBytes = null, maxAgeMs = null, behindBytes = null, behindAgeMs = null, heldFrom = Infinity } = keep;
  const retention = { maxBytes, maxAgeMs, behindBytes, behindAgeMs };
  const gone: UntakenSegments[] = [];
  const held = { heldFrom, onUntaken: (one: UntakenSegments) => void gone.push(one) };
  const onCheckpoint = (note: string): void => void notes.push(note);
  const onProblem = ({ message }: WriterProblem): void => assert.fail(message);
  const open = (): SegmentWriter =>
    openWriter(folder, { clock, signer, onCheckpoint, onProblem, retention, ...held, segmentBytes: 4000 });
  return { clock, key, notes, gone, open };
}

describe("retention", () => {
  it("lets go of the oldest segments beyond a size, and what is left proves itself", async (t) => {
    const folder = temporaryFolder(t);
    const { key, notes, open } = setup(folder, { maxBytes: 12_000 });
    const writer = open();
    for (let count = 0; count < 100; count += 1) writer.append(shortRecord(count));
    writer.close();
    const kept = segmentsIn(folder);
    assert.ok(kept.length >= 2 && kept.length <= 4, String(kept.length));
    const result = await verifyAudit(folder, { keys: [key] });
    assert.deepEqual([result.ok, result.firstBad], [true, undefined]);
    assert.ok(result.records < 100);
    assert.equal(result.retired?.lines, result.head.seq - (result.tree.size - (result.retired?.lines ?? 0)));
    assert.equal((await findRecord(folder, recordId(99)))?.id, recordId(99));
    assert.equal(await findRecord(folder, recordId(0)), undefined);
    const proof = await proveLine(folder, result.head.seq - 3);
    assert.ok(typeof proof !== "string");
    assert.equal(checkLine(proof, [key]), undefined);
    const newest = readCheckpoint(notes.at(-1) ?? "") ?? assert.fail();
    assert.equal((await verifyAudit(folder, { keys: [key], witnessed: [newest] })).ok, true);
    const oldest = readCheckpoint(notes[0] ?? "") ?? assert.fail();
    const beyond = await verifyAudit(folder, { keys: [key], witnessed: [oldest] });
    assert.deepEqual([beyond.ok, beyond.isWitnessChecked], [true, false]);
  });

  it("lets go of what is older than it is to be, also of a gateway that has little to do", async (t) => {
    const folder = temporaryFolder(t);
    const { clock, key, open } = setup(folder, { maxAgeMs: 3_600_000 });
    let writer = open();
    for (let count = 0; count < 40; count += 1) writer.append(shortRecord(count));
    writer.close();
    const before = segmentsIn(folder).length;
    clock.elapsed += 2 * 3_600_000;
    writer = open();
    writer.append(shortRecord(41));
    writer.close();
    assert.ok(before > 2);
    assert.equal(segmentsIn(folder).length, 2, "the last of before, which ends now, and the one that is written to");
    assert.equal((await verifyAudit(folder, { keys: [key] })).ok, true);
  });

  it("keeps what a sink has not taken, up to a bound, and tells of what goes beyond that", async (t) => {
    const folder = temporaryFolder(t);
    const keep = { maxBytes: 12_000, behindBytes: 12_000, heldFrom: 2 };
    const { key, gone, open } = setup(folder, keep);
    const writer = open();
    const append = (from: number, to: number): void => {
      for (let count = from; count < to; count += 1) writer.append(shortRecord(count));
    };
    append(0, 50);
    assert.deepEqual([segmentsIn(folder)[0], gone], [fileOf(2), []], "the first one was taken");
    assert.ok(segmentsIn(folder).length > 4);
    append(50, 100);
    assert.ok(gone.length > 0 && segmentsIn(folder).length < 8);
    const { segments, upToSegment } = gone.at(-1) ?? assert.fail();
    assert.equal(segmentsIn(folder)[0], fileOf(upToSegment + 1));
    writer.sync();
    const texts = segmentsIn(folder).map((name) => readFileSync(join(folder, name), "utf8"));
    assert.match(texts.join(""), new RegExp(`"kind":"retired".*"untaken":${segments}`));
    writer.hold(Infinity);
    writer.append(shortRecord(100));
    writer.sync();
    assert.ok(segmentsIn(folder).length <= 4, "and goes once it was taken");
    writer.close();
    assert.equal((await verifyAudit(folder, { keys: [key] })).ok, true);
  });

  it("keeps it longer too", async (t) => {
    const folder = temporaryFolder(t);
    const hour = 3_600_000;
    const { clock, gone, open } = setup(folder, { maxAgeMs: hour, behindAgeMs: 2 * hour, heldFrom: 0 });
    const after = (hours: number): readonly string[] => {
      clock.elapsed += hours * hour;
      const writer = open();
      writer.append(shortRecord(41));
      writer.close();
      return segmentsIn(folder);
    };
    const writer = open();
    for (let count = 0; count < 40; count += 1) writer.append(shortRecord(count));
    writer.close();
    assert.equal(after(2)[0], fileOf(1));
    assert.notEqual(after(2)[0], fileOf(1));
    assert.ok(gone.length > 0);
  });

  it("tells a segment that was retired from one that somebody has removed", async (t) => {
    const folder = temporaryFolder(t);
    const { key, open } = setup(folder, {});
    const writer = open();
    for (let count = 0; count < 60; count += 1) writer.append(shortRecord(count));
    writer.close();
    rmSync(join(folder, fileOf(1)));
    const { ok, firstBad } = await verifyAudit(folder, { keys: [key] });
    assert.deepEqual([ok, firstBad?.problem, firstBad?.seq], [false, "segment-missing", 1]);
  });
});
