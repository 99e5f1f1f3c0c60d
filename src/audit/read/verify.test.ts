import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { appendFileSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { chainRecord } from "#audit/chain.ts";
import { openWriter, shortRecord, temporaryFolder } from "#audit/testing/doubles.ts";
import { fileOf, writeAudit, type WrittenAudit, writeSegment } from "#audit/testing/written-audit.ts";
import { verifyAudit } from "./verify.ts";

function audit(t: TestContext): WrittenAudit {
  const written = writeAudit(temporaryFolder(t));
  assert.ok(written.segments.length >= 4);
  return written;
}

/** Number of the record that stands at a place (both from 0) of an untouched audit. */
function seqAt({ segments }: WrittenAudit, segment: number, line: number): number {
  return segments.slice(0, segment).reduce((sum, lines) => sum + lines.length, 0) + line + 1;
}

async function assertBad(written: WrittenAudit, segment: number, line: number, problem: string): Promise<void> {
  const { ok, firstBad } = await verifyAudit(written.folder);
  assert.equal(ok, false);
  const seq = seqAt(written, segment, line);
  const { detail, ...where } = firstBad ?? assert.fail();
  assert.deepEqual(where, { file: fileOf(segment + 1), line: line + 1, seq, problem }, detail);
}

describe("verify", () => {
  it("finds an untouched record good", async (t) => {
    const written = audit(t);
    const result = await verifyAudit(written.folder);
    const { seq, hash } = JSON.parse(written.segments.at(-1)?.at(-1) ?? "") as { seq: number; hash: string };
    assert.deepEqual(
      { ...result, bytes: 0, tree: result.tree.size },
      {
        ok: true,
        records: 30,
        segments: written.segments.length,
        bytes: 0,
        gaps: [],
        gapCount: 0,
        tornTail: false,
        closed: true,
        head: { seq, hash },
        tree: seq,
        checkpoints: 0,
      },
    );
  });

  it("finds an empty or absent record good, and says so", async (t) => {
    const folder = temporaryFolder(t);
    for (const path of [folder, join(folder, "absent")]) {
      const { ok, segments, head } = await verifyAudit(path);
      assert.deepEqual([ok, segments, head.seq], [true, 0, 0]);
    }
  });

  it("names a changed record", async (t) => {
    const written = audit(t);
    const path = join(written.folder, fileOf(2));
    writeFileSync(path, readFileSync(path, "utf8").replace('"decision":"allow"', '"decision":"deny"'));
    await assertBad(written, 1, 1, "changed");
  });

  it("names the place of a removed record, wherever it stood", async (t) => {
    for (const place of [1, 3]) {
      const written = audit(t);
      const lines = written.segments[1] ?? [];
      writeSegment(written.folder, 2, lines.toSpliced(place, 1));
      await assertBad(written, 1, place, "record-missing");
    }
    const written = audit(t);
    writeSegment(written.folder, 2, (written.segments[1] ?? []).slice(0, -1));
    const { firstBad } = await verifyAudit(written.folder);
    const seq = seqAt(written, 2, 0) - 1;
    assert.deepEqual([firstBad?.file, firstBad?.line, firstBad?.seq], [fileOf(3), 1, seq]);
  });

  it("names an inserted record: a copy, a foreign one, or one chained to its place", async (t) => {
    for (const forge of [
      (lines: readonly string[]) => lines[1] ?? "",
      () => shortRecord(99).toString(),
      (lines: readonly string[]) => {
        const { seq, hash } = JSON.parse(lines[1] ?? "") as { seq: number; hash: string };
        return chainRecord({ seq, hash }, shortRecord(99)).line.toString().trimEnd();
      },
    ]) {
      const written = audit(t);
      const lines = written.segments[1] ?? [];
      writeSegment(written.folder, 2, lines.toSpliced(2, 0, forge(lines)));
      const { ok, firstBad } = await verifyAudit(written.folder);
      assert.equal(ok, false);
      assert.equal(firstBad?.file, fileOf(2));
      // A forged record that is chained to its place is itself good: the next one shows the break.
      assert.ok(firstBad.line === 3 || firstBad.line === 4);
    }
  });

  it("names the first of two records that changed places", async (t) => {
    const written = audit(t);
    const lines = [...(written.segments[1] ?? [])];
    [lines[1], lines[3]] = [lines[3] ?? "", lines[1] ?? ""];
    writeSegment(written.folder, 2, lines);
    await assertBad(written, 1, 1, "record-missing");
  });

  it("names a record that was chained anew, but not to what follows", async (t) => {
    const written = audit(t);
    const lines = [...(written.segments[1] ?? [])];
    const { seq, hash } = JSON.parse(lines[0] ?? "") as { seq: number; hash: string };
    lines[1] = chainRecord({ seq, hash }, shortRecord(99)).line.toString().trimEnd();
    writeSegment(written.folder, 2, lines);
    await assertBad(written, 1, 2, "chain-broken");
  });

  it("names what is no record at all", async (t) => {
    for (const line of ["", "not json", "{}", "null", '{"id":"a","seq":1}']) {
      const written = audit(t);
      writeSegment(written.folder, 2, (written.segments[1] ?? []).with(2, line));
      await assertBad(written, 1, 2, "malformed");
    }
  });

  it("names a missing, a renamed and an exchanged segment", async (t) => {
    const missing = audit(t);
    rmSync(join(missing.folder, fileOf(2)));
    assert.deepEqual((await verifyAudit(missing.folder)).firstBad?.problem, "segment-missing");

    const renamed = audit(t);
    renameSync(join(renamed.folder, fileOf(2)), join(renamed.folder, fileOf(99)));
    assert.deepEqual((await verifyAudit(renamed.folder)).firstBad?.problem, "segment-missing");

    const exchanged = audit(t);
    writeSegment(exchanged.folder, 2, exchanged.segments[2] ?? []);
    writeSegment(exchanged.folder, 3, exchanged.segments[1] ?? []);
    await assertBad(exchanged, 1, 0, "record-missing");

    const headless = audit(t);
    rmSync(join(headless.folder, fileOf(1)));
    assert.deepEqual((await verifyAudit(headless.folder)).firstBad?.problem, "segment-missing");
  });

  it("names a segment whose beginning went to the end of the one before", async (t) => {
    const written = audit(t);
    const [one = [], two = []] = written.segments;
    writeSegment(written.folder, 1, [...one, two[0] ?? ""]);
    writeSegment(written.folder, 2, two.slice(1));
    const { firstBad } = await verifyAudit(written.folder);
    assert.deepEqual([firstBad?.file, firstBad?.line, firstBad?.problem], [fileOf(2), 1, "segment-missing"]);
  });

  it("names a segment cut off in the middle of the chain", async (t) => {
    const written = audit(t);
    const lines = written.segments[1] ?? [];
    const path = join(written.folder, fileOf(2));
    truncateSync(path, Buffer.byteLength(lines.join("\n")) - 20);
    await assertBad(written, 1, lines.length - 1, "malformed");
    truncateSync(path, 0);
    assert.deepEqual((await verifyAudit(written.folder)).firstBad?.file, fileOf(2));
  });

  it("takes half a last line for a crash, not for tampering", async (t) => {
    const written = audit(t);
    appendFileSync(join(written.folder, fileOf(written.segments.length)), '{"id":"01');
    const { ok, tornTail } = await verifyAudit(written.folder);
    assert.deepEqual([ok, tornTail], [true, true]);
  });

  it("shows by `closed` and `head` that lines are gone from the end, which the chain alone cannot", async (t) => {
    const written = audit(t);
    const before = await verifyAudit(written.folder);
    writeSegment(written.folder, written.segments.length, (written.segments.at(-1) ?? []).slice(0, -1));
    const after = await verifyAudit(written.folder);
    assert.deepEqual([after.ok, after.closed, after.head.seq], [true, false, before.head.seq - 1]);
  });

  it("lists gaps, and holds a bounded number of them", async (t) => {
    const folder = temporaryFolder(t);
    const writer = openWriter(folder);
    for (let count = 0; count < 1100; count += 1) {
      writer.noteLost("feed-full", 1);
      writer.append(shortRecord(count));
    }
    writer.close();
    const result = await verifyAudit(folder);
    assert.deepEqual([result.ok, result.gapCount, result.gaps.length, result.records], [true, 1100, 1000, 1100]);
    assert.equal(result.gaps.at(-1)?.afterSeq, 1 + 2 * 1099);
  });

  it("reads lines across its chunks, and a file without line breaks in bounded memory", async (t) => {
    const folder = temporaryFolder(t);
    const writer = openWriter(folder, { segmentBytes: 1e9 });
    for (let count = 0; count < 300; count += 1) writer.append(shortRecord(count, "y".repeat(count * 40)));
    writer.close();
    const { ok, records, bytes } = await verifyAudit(folder);
    assert.ok(bytes > 1.5e6);
    assert.deepEqual([ok, records], [true, 300]);
    const other = temporaryFolder(t);
    writeFileSync(join(other, fileOf(1)), Buffer.alloc(3_000_000, 0x61));
    assert.equal((await verifyAudit(other)).firstBad?.problem, "malformed");
  });
});
