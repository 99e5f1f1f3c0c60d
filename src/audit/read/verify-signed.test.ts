import assert from "node:assert/strict";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { chainRecord, chainStart, type ChainState } from "#audit/chain.ts";
import type { AuditEntry } from "#audit/entry.ts";
import { CompactRange } from "#audit/merkle/compact-range.ts";
import { type CheckpointSigner, readCheckpoint } from "#audit/merkle/checkpoint.ts";
import { ManualClock, openWriter, shortRecord, temporaryFolder } from "#audit/testing/doubles.ts";
import { type SignedAudit, testLogKey, writeSignedAudit } from "#audit/testing/signed-audit.ts";
import { fileOf, readSegments, writeSegment } from "#audit/testing/written-audit.ts";
import { verifyAudit, type VerifyResult } from "./verify.ts";

function audit(t: TestContext): SignedAudit {
  const written = writeSignedAudit(temporaryFolder(t));
  assert.ok(written.segments.length >= 4 && written.notes.length > 8);
  return written;
}

function verify({ folder, key }: SignedAudit, note?: string): Promise<VerifyResult> {
  const witnessed = note === undefined ? undefined : readCheckpoint(note);
  return verifyAudit(folder, { keys: [key], ...(witnessed && { witnessed: [witnessed] }) });
}

/** Writes the record anew from line `from` on, as whoever has no key can: numbers, hashes and trees are all right. */
function writeAnew(
  { folder, segments }: SignedAudit,
  from: number,
  change: (body: string) => string | null,
  signer?: CheckpointSigner,
): void {
  let state: ChainState = chainStart;
  const tree = new CompactRange();
  for (const [index, lines] of segments.entries()) {
    const written: string[] = [];
    for (const line of lines) {
      const body = withoutLink(line, tree, signer, state.seq + 1 >= from);
      const next = state.seq + 1 < from ? body : change(body);
      if (next === null) continue;
      const chained = chainRecord(state, Buffer.from(next));
      state = chained.state;
      tree.append(state.hash);
      written.push(chained.line.toString().trimEnd());
    }
    writeSegment(folder, index + 1, written);
  }
}

function withoutLink(line: string, tree: CompactRange, signer: CheckpointSigner | undefined, anew: boolean): string {
  const { seq: _, prev: __, hash: ___, ...body } = JSON.parse(line) as AuditEntry & { note?: string };
  if ("kind" in body && body.kind === "segment") return JSON.stringify({ ...body, tree: tree.state });
  if (anew && signer !== undefined && "kind" in body && body.kind === "checkpoint") {
    return JSON.stringify({ ...body, note: signer.sign(tree.size, tree.root()) });
  }
  return JSON.stringify(body);
}

const isCheckpoint = (body: string): boolean => body.startsWith('{"kind":"checkpoint"');
const forge = (body: string): string => body.replace('"decision":"allow"', '"decision":"deny"');
const forgeOne =
  (path: string) =>
  (body: string): string =>
    body.includes(`"path":"/orders/${path}x`) ? forge(body) : body;

describe("verify of a signed record", () => {
  it("finds it good, and says how far it is signed", async (t) => {
    const written = audit(t);
    const result = await verify(written, written.notes.at(-1));
    assert.deepEqual([result.ok, result.checkpoints, result.records], [true, written.notes.length, 30]);
    // The last checkpoint stands in front of `closed`, and speaks of what is before it.
    assert.equal(result.signed?.size, result.head.seq - 2);
    for (const note of written.notes) assert.equal((await verify(written, note)).ok, true);
  });

  it("names the records between two checkpoints when one of them was written anew", async (t) => {
    const written = audit(t);
    const at = written.segments.flat().findIndex((line) => line.includes('"path":"/orders/8x'));
    writeAnew(written, at, forgeOne("8"));
    const { firstBad } = await verify(written);
    const sizes = written.notes.map((note) => readCheckpoint(note)?.size ?? 0);
    const before = sizes.findLast((size) => size <= at) ?? 0;
    assert.deepEqual([firstBad?.problem, firstBad?.seq], ["tree-broken", before + 1]);
    assert.equal((await verifyAudit(written.folder)).firstBad?.problem, "tree-broken", "without a key as well");
  });

  it("does not believe another key, wherever it takes over", async (t) => {
    const written = audit(t);
    writeAnew(written, 1, forgeOne("8"), testLogKey().signer);
    assert.equal((await verify(written)).firstBad?.problem, "signature-bad");
    assert.equal((await verifyAudit(written.folder)).ok, true, "which nobody sees who does not know the key");
  });

  it("wants checkpoints where they have to be, so that leaving them out shows", async (t) => {
    const written = audit(t);
    writeAnew(written, 10, (body) => (isCheckpoint(body) ? null : forge(body)));
    assert.equal((await verify(written)).firstBad?.problem, "unsigned");
    const single = { ...audit(t) };
    const one = writeSignedAudit(temporaryFolder(t), 5, 1e6);
    writeAnew(one, 1, (body) => (isCheckpoint(body) || body.startsWith('{"kind":"closed"') ? null : body));
    const { firstBad } = await verify({ ...single, folder: one.folder, key: one.key });
    assert.deepEqual([firstBad?.problem, firstBad?.seq], ["unsigned", 1]);
  });

  it("shows against a witnessed checkpoint that its own key has written the record anew", async (t) => {
    const folder = temporaryFolder(t);
    const { signer, key } = testLogKey();
    const clock = new ManualClock();
    const notes: string[] = [];
    const writer = openWriter(folder, { clock, signer, onCheckpoint: (note) => void notes.push(note) });
    for (let count = 0; count < 20; count += 1) {
      writer.append(shortRecord(count, "x"));
      clock.elapsed += 500;
      writer.sync();
    }
    writer.close();
    const written = { folder, segments: readSegments(folder), key, notes };
    writeAnew(written, 1, forgeOne("8"), signer);
    assert.equal((await verify(written)).ok, true);
    assert.equal((await verify(written, notes[1])).ok, true, "what came before is the same");
    const { firstBad } = await verify(written, notes.at(-1));
    assert.equal(firstBad?.problem, "rewritten");
    const anew = readSegments(folder).flatMap((texts) => [...texts.join("\n").matchAll(/"note":("(?:[^"\\]|\\.)*")/g)]);
    const newest = readCheckpoint(JSON.parse(anew.at(-1)?.[1] ?? "") as string) ?? assert.fail();
    assert.equal((await verifyAudit(folder, { keys: [key], witnessed: [newest] })).ok, true);
    const all = [...notes.map((note) => readCheckpoint(note) ?? assert.fail()), newest];
    assert.equal((await verifyAudit(folder, { keys: [key], witnessed: all })).firstBad?.problem, "rewritten");
  });

  it("names the first record that is gone, at whatever byte the end was cut off", async (t) => {
    const written = audit(t);
    const last = written.segments.length;
    const path = join(written.folder, fileOf(last));
    const bytes = readFileSync(path);
    const note = written.notes.at(-1) ?? assert.fail();
    const { size } = readCheckpoint(note) ?? assert.fail();
    const before = written.segments.slice(0, -1).flat().length;
    for (let length = 0; length < bytes.length; length += 37) {
      writeFileSync(path, bytes.subarray(0, length));
      const kept = before + bytes.subarray(0, length).toString("latin1").split("\n").length - 1;
      const { ok, firstBad } = await verify(written, note);
      if (kept >= size) assert.ok(ok);
      else assert.deepEqual([firstBad?.problem, firstBad?.seq], ["truncated", kept + 1], `${length} bytes`);
    }
    truncateSync(path, 0);
    assert.equal((await verify(written)).ok, true, "which nobody sees without a witness");
  });

  it("names a record of an older form", async (t) => {
    const written = audit(t);
    const old = (written.segments[0]?.[0] ?? "").replace(/,"tree":\{[^}]*\}/, "");
    writeSegment(written.folder, 1, [old]);
    assert.equal((await verify(written)).firstBad?.problem, "older-form");
    assert.throws(() => {
      for (const number of [2, 3, 4, 5, 6, 7, 8]) writeSegment(written.folder, number, [old]);
      openWriter(written.folder);
    }, /older form of the record: move the folder elsewhere/);
  });

  it("goes on over restarts and crashes with one tree", async (t) => {
    const folder = temporaryFolder(t);
    const { signer, key } = testLogKey();
    for (let run = 0; run < 12; run += 1) {
      const writer = openWriter(folder, { signer, segmentBytes: 3000 });
      for (let count = 0; count < run; count += 1) writer.append(shortRecord(run * 20 + count));
      if (run % 3 === 0) writer.flush();
      else writer.close();
    }
    const result = await verifyAudit(folder, { keys: [key] });
    assert.deepEqual([result.ok, result.records, result.gapCount], [true, 66, 4], JSON.stringify(result.firstBad));
  });
});
