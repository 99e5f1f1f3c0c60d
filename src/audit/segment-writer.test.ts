import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appendFileSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import type { AuditEntry, GapEntry } from "./entry.ts";
import { verifyAudit } from "./read/verify.ts";
import type { WriterProblem } from "./segment-writer.ts";
import { FailingDisk, ManualClock, openWriter, shortRecord, temporaryFolder } from "./testing/doubles.ts";

function entriesOf(folder: string): readonly AuditEntry[] {
  return segmentsOf(folder).flatMap((name) =>
    readFileSync(join(folder, name), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as AuditEntry),
  );
}

function segmentsOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .toSorted();
}

function kindsOf(folder: string): readonly string[] {
  return entriesOf(folder).map((entry) => ("kind" in entry ? entry.kind : "record"));
}

function gapsOf(folder: string): readonly GapEntry[] {
  return entriesOf(folder).filter((entry): entry is GapEntry => "kind" in entry && entry.kind === "gap");
}

/** A run that ends as a killed process does: nothing after the last flush. */
function crashedRun(folder: string, records: number): void {
  const writer = openWriter(folder);
  for (let count = 0; count < records; count += 1) writer.append(shortRecord(count));
  writer.flush();
}

function setup(folder: string, maxPendingBytes = 1024 * 1024) {
  const disk = new FailingDisk();
  const clock = new ManualClock();
  const problems: WriterProblem[] = [];
  const onProblem = (problem: WriterProblem): void => void problems.push(problem);
  const writer = openWriter(folder, { disk, clock, onProblem, maxPendingBytes });
  return { disk, clock, problems, writer };
}

describe("segment writer", () => {
  it("chains what it is given, in order, in files of the owner alone", async (t) => {
    const folder = join(temporaryFolder(t), "audit");
    const writer = openWriter(folder);
    for (let count = 0; count < 5; count += 1) assert.ok(writer.append(shortRecord(count)));
    writer.close();
    assert.deepEqual(kindsOf(folder), ["segment", "record", "record", "record", "record", "record", "closed"]);
    assert.deepEqual(
      entriesOf(folder).map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6, 7],
    );
    assert.equal(statSync(join(folder, "00000001.jsonl")).mode & 0o777, 0o600);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("goes on after a run that ended in order, without a gap", async (t) => {
    const folder = temporaryFolder(t);
    for (let run = 0; run < 3; run += 1) {
      const writer = openWriter(folder);
      writer.append(shortRecord(run));
      writer.close();
    }
    assert.deepEqual(kindsOf(folder), ["segment", "record", "closed", "record", "closed", "record", "closed"]);
    assert.deepEqual([(await verifyAudit(folder)).ok, gapsOf(folder).length], [true, 0]);
  });

  it("begins a new segment before one grows too large, and the chain runs on", async (t) => {
    const folder = temporaryFolder(t);
    const writer = openWriter(folder, { segmentBytes: 2000 });
    for (let count = 0; count < 50; count += 1) writer.append(shortRecord(count));
    writer.close();
    const segments = segmentsOf(folder);
    assert.ok(segments.length >= 10);
    for (const name of segments) assert.ok(statSync(join(folder, name)).size <= 2000 + 400, name);
    const result = await verifyAudit(folder);
    assert.deepEqual([result.ok, result.records, result.segments], [true, 50, segments.length]);
  });

  it("refuses what is not one record, and tells of it", async (t) => {
    const folder = temporaryFolder(t);
    const writer = openWriter(folder);
    const bad = [
      "",
      "{",
      '{"kind":"closed"}',
      '{"id":"a"}\n{"id":"b"}',
      '{"id":"a"',
      `{"id":"${"x".repeat(17_000)}"}`,
      "\0\0\0",
    ];
    for (const text of bad) assert.equal(writer.append(Buffer.from(text)), false);
    writer.append(shortRecord(1));
    writer.close();
    assert.deepEqual(kindsOf(folder), ["segment", "gap", "record", "closed"]);
    assert.deepEqual([gapsOf(folder)[0]?.why, gapsOf(folder)[0]?.lost], ["malformed", bad.length]);
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("tells of records that a feed had to discard", (t) => {
    const folder = temporaryFolder(t);
    const writer = openWriter(folder);
    writer.noteLost("feed-full", 0);
    writer.noteLost("feed-full", 3);
    writer.noteLost("feed-full", 4);
    writer.close();
    assert.deepEqual(
      gapsOf(folder).map(({ why, lost, afterSeq }) => ({ why, lost, afterSeq })),
      [{ why: "feed-full", lost: 7, afterSeq: 1 }],
    );
  });

  it("tells of a gap that nobody knows the size of", (t) => {
    const folder = temporaryFolder(t);
    const writer = openWriter(folder);
    writer.append(shortRecord(1));
    writer.noteGap("worker-ended");
    writer.append(shortRecord(2));
    writer.close();
    assert.deepEqual(
      gapsOf(folder).map(({ why, lost, afterSeq }) => ({ why, lost, afterSeq })),
      [{ why: "worker-ended", lost: undefined, afterSeq: 2 }],
    );
  });
});

describe("segment writer after a crash", () => {
  it("shows that the run before did not end in order", async (t) => {
    const folder = temporaryFolder(t);
    crashedRun(folder, 3);
    openWriter(folder).close();
    assert.deepEqual(kindsOf(folder), ["segment", "record", "record", "record", "gap", "closed"]);
    const [gap] = gapsOf(folder);
    assert.deepEqual([gap?.why, gap?.afterSeq], ["crash", 4]);
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("cuts a line that was written in part, at whatever byte", async (t) => {
    const whole = temporaryFolder(t);
    crashedRun(whole, 3);
    const bytes = readFileSync(join(whole, "00000001.jsonl"));
    const lastLine = bytes.lastIndexOf(0x0a, bytes.length - 2) + 1;
    for (let end = lastLine + 1; end < bytes.length; end += 13) {
      const folder = temporaryFolder(t);
      writeFileSync(join(folder, "00000001.jsonl"), bytes.subarray(0, end));
      openWriter(folder).close();
      assert.deepEqual(kindsOf(folder), ["segment", "record", "record", "gap", "closed"]);
      assert.equal(gapsOf(folder)[0]?.bytes, end - lastLine);
      assert.equal((await verifyAudit(folder)).ok, true);
    }
  });

  it("sets damaged lines aside instead of deleting them, and says where they are", async (t) => {
    const folder = temporaryFolder(t);
    crashedRun(folder, 3);
    const damage = Buffer.concat([Buffer.alloc(70_000), Buffer.from("\nhalf a li\n{}")]);
    appendFileSync(join(folder, "00000001.jsonl"), damage);
    openWriter(folder).close();
    const [gap] = gapsOf(folder);
    assert.deepEqual([gap?.why, gap?.bytes, gap?.afterSeq], ["damaged", damage.length, 4]);
    assert.deepEqual(readFileSync(join(folder, gap?.setAside ?? "")), damage);
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("leaves damage further up where it is, for verify to name", async (t) => {
    const folder = temporaryFolder(t);
    crashedRun(folder, 3);
    const path = join(folder, "00000001.jsonl");
    writeFileSync(path, readFileSync(path, "utf8").replace("/orders/1", "/orders/9"));
    openWriter(folder).close();
    const { firstBad } = await verifyAudit(folder);
    assert.deepEqual([firstBad?.line, firstBad?.problem], [3, "changed"]);
  });

  it("goes on after a segment that has not even its first line", async (t) => {
    for (const start of ["", '{"kind":"segm']) {
      const folder = temporaryFolder(t);
      const writer = openWriter(folder, { segmentBytes: 600 });
      for (let count = 0; count < 4; count += 1) writer.append(shortRecord(count));
      writer.flush();
      const last = segmentsOf(folder).length + 1;
      writeFileSync(join(folder, `${String(last).padStart(8, "0")}.jsonl`), start);
      openWriter(folder).close();
      const result = await verifyAudit(folder);
      assert.deepEqual([result.ok, result.segments, result.gaps[0]?.why], [true, last, "crash"]);
    }
  });

  it("starts anew in a folder whose only segment is empty", async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, "00000001.jsonl"), "");
    openWriter(folder).close();
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("does not write through a link, and does not start without its record", (t) => {
    const folder = temporaryFolder(t);
    const elsewhere = join(temporaryFolder(t), "elsewhere");
    writeFileSync(elsewhere, "");
    symlinkSync(elsewhere, join(folder, "00000001.jsonl"));
    assert.throws(
      () => openWriter(folder),
      (error) => error instanceof GatewayError && error.code === "audit-unavailable",
    );
    assert.equal(statSync(elsewhere).size, 0);
  });
});

describe("segment writer when the disk fails", () => {
  it("holds the records and writes them when the disk is back, whatever half it took", async (t) => {
    const folder = temporaryFolder(t);
    const { disk, clock, problems, writer } = setup(folder);
    disk.room = 300;
    for (let count = 0; count < 10; count += 1) assert.ok(writer.append(shortRecord(count)));
    assert.equal(writer.flush(), false);
    assert.equal(writer.status().failing, true);
    assert.equal((await verifyAudit(folder)).tornTail, true);
    disk.room = Number.POSITIVE_INFINITY;
    clock.elapsed += 1000;
    assert.equal(writer.sync(), true);
    writer.close();
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["write-failed", "recovered"],
    );
    const result = await verifyAudit(folder);
    assert.deepEqual([result.ok, result.records, result.gapCount], [true, 10, 0]);
  });

  it("tries again only after a while", (t) => {
    const { disk, clock, problems, writer } = setup(temporaryFolder(t));
    disk.failing = "write";
    writer.append(shortRecord(0));
    for (let count = 0; count < 100; count += 1) assert.equal(writer.flush(), false);
    assert.equal(problems.length, 1);
    clock.elapsed += 1000;
    writer.flush();
    assert.equal(problems.length, 2);
    assert.match(problems[1]?.message ?? "", /ENOSPC.*bytes wait in memory, 0 records are lost/);
  });

  it("drops what it cannot hold, counts it, and tells of it in the record", async (t) => {
    const folder = temporaryFolder(t);
    const { disk, clock, writer } = setup(folder, 3000);
    disk.failing = "write";
    let kept = 0;
    for (let count = 0; count < 100; count += 1) if (writer.append(shortRecord(count))) kept += 1;
    assert.ok(writer.status().pendingBytes <= 3000);
    assert.equal(writer.status().lost, 100 - kept);
    disk.failing = "nothing";
    clock.elapsed += 1000;
    assert.ok(writer.append(shortRecord(100)));
    writer.close();
    const result = await verifyAudit(folder);
    assert.deepEqual([result.ok, result.records], [true, kept + 1]);
    assert.deepEqual(
      result.gaps.map(({ why, lost, afterSeq }) => ({ why, lost, afterSeq })),
      [{ why: "disk-failed", lost: 100 - kept, afterSeq: kept + 1 }],
    );
  });

  it("tells of a failed sync, since what was written before it may be gone", async (t) => {
    const folder = temporaryFolder(t);
    const { disk, clock, writer } = setup(folder);
    writer.append(shortRecord(0));
    assert.equal(writer.sync(), true);
    writer.append(shortRecord(1));
    disk.failing = "sync";
    assert.equal(writer.sync(), false);
    disk.failing = "nothing";
    clock.elapsed += 1000;
    assert.equal(writer.sync(), true);
    writer.close();
    assert.deepEqual(
      gapsOf(folder).map(({ why, lost, afterSeq }) => ({ why, lost, afterSeq })),
      [{ why: "sync-failed", lost: undefined, afterSeq: 2 }],
    );
    assert.equal((await verifyAudit(folder)).ok, true);
  });

  it("keeps writing to a full segment when no new one can be made", async (t) => {
    const folder = temporaryFolder(t);
    const { disk, clock, problems } = setup(folder);
    const writer = openWriter(folder, {
      disk,
      clock,
      segmentBytes: 1500,
      onProblem: (problem) => void problems.push(problem),
    });
    disk.failing = "create";
    for (let count = 0; count < 20; count += 1) assert.ok(writer.append(shortRecord(count)));
    assert.ok(writer.flush());
    assert.deepEqual(
      problems.map(({ code }) => code),
      ["rotate-failed"],
    );
    disk.failing = "nothing";
    clock.elapsed += 1000;
    writer.append(shortRecord(20));
    writer.close();
    const result = await verifyAudit(folder);
    assert.deepEqual([result.ok, result.records, result.segments], [true, 21, 2]);
  });

  it("leaves a crash behind when it cannot write its last line", async (t) => {
    const folder = temporaryFolder(t);
    const { disk, writer } = setup(folder);
    writer.append(shortRecord(0));
    disk.failing = "write";
    writer.close();
    openWriter(folder).close();
    assert.equal(gapsOf(folder)[0]?.why, "crash");
    assert.equal((await verifyAudit(folder)).ok, true);
  });
});
