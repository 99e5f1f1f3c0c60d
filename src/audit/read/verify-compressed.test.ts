import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { segmentName } from "#audit/segment-name.ts";
import { compressAll } from "#audit/testing/compressed-audit.ts";
import { temporaryFolder } from "#audit/testing/doubles.ts";
import { generator } from "#audit/testing/generator.ts";
import { writeAudit, type WrittenAudit } from "#audit/testing/written-audit.ts";
import { compressFrame, expandFrame } from "#audit/zstd/frame.ts";
import { checkOf, type FrameIndex, footerBytes, indexBytes, readIndex, writeIndex } from "#audit/zstd/frame-index.ts";
import { findRecord } from "./find.ts";
import { tailRecords } from "./tail.ts";
import { verifyAudit } from "./verify.ts";

const frameBytes = 700;
const runs = 120;

interface CompressedAudit extends WrittenAudit {
  readonly indexes: readonly FrameIndex[];
}

async function compressed(t: TestContext): Promise<CompressedAudit> {
  const written = writeAudit(temporaryFolder(t), 60);
  await compressAll(written.folder, frameBytes);
  const closed = written.segments.length - 1;
  return { ...written, indexes: Array.from({ length: closed }, (_, at) => indexOf(written.folder, at + 1)) };
}

function indexOf(folder: string, segment: number): FrameIndex {
  const file = readFileSync(join(folder, segmentName(segment, "zstd")));
  return readIndex(file.subarray(-indexBytes(file.subarray(-footerBytes), file.length)), file.length);
}

/** Number of the first line of a segment that is not wholly in front of a place of its text. */
function lineAt(lines: readonly string[], textOffset: number): number {
  let end = 0;
  const at = lines.findIndex((line) => (end += line.length + 1) > textOffset);
  return at < 0 ? lines.length + 1 : at + 1;
}

/** The first line that a byte of a file holds a part of; undefined for one of the seek table. */
function lineOfByte({ segments, indexes }: CompressedAudit, segment: number, at: number): number | undefined {
  const index = indexes[segment - 1] ?? assert.fail();
  const frame = index.offsets.findLastIndex((offset) => offset <= at);
  const framesEnd = index.offsets.at(-1) ?? 0;
  const isCheck = at >= framesEnd + 8 && at < framesEnd + 8 + 8 * index.checks.length;
  if (isCheck) return lineAt(segments[segment - 1] ?? [], Math.floor((at - framesEnd - 8) / 8) * frameBytes);
  return at >= framesEnd ? undefined : lineAt(segments[segment - 1] ?? [], frame * frameBytes);
}

describe("whatever is changed in a compressed segment, verify names the first record that cannot be read", () => {
  it("for any changed byte", async (t) => {
    const written = await compressed(t);
    const { folder, segments, indexes } = written;
    const before = await verifyAudit(folder);
    assert.deepEqual([before.ok, before.records], [true, 60]);
    for (let seed = 1; seed <= runs; seed += 1) {
      const below = generator(seed);
      const segment = below(indexes.length) + 1;
      const file = segmentName(segment, "zstd");
      const bytes = readFileSync(join(folder, file));
      const at = below(bytes.length);
      const changed = Buffer.from(bytes);
      changed[at] = (bytes[at] ?? 0) ^ (below(255) + 1);
      writeFileSync(join(folder, file), changed);
      const { ok, firstBad } = await verifyAudit(folder);
      writeFileSync(join(folder, file), bytes);
      const where = `seed ${seed}: byte ${at} of ${bytes.length}`;
      const { problem } = firstBad ?? {};
      assert.ok(!ok && (problem === "segment-damaged" || problem === "segment-oversized"), where);
      const most = (segments[segment - 1]?.length ?? 0) + 1;
      const line = lineOfByte(written, segment, at) ?? Math.min(firstBad?.line ?? 0, most);
      assert.deepEqual([firstBad?.file, firstBad?.line], [file, line], where);
      const inFront = segments.slice(0, segment - 1).flat().length;
      assert.equal(firstBad?.seq, inFront + (line ?? 0), where);
    }
  });

  it("for any dropped, inserted, repeated or cut off stretch of bytes", async (t) => {
    const { folder, segments, indexes } = await compressed(t);
    for (let seed = 1; seed <= runs; seed += 1) {
      const below = generator(seed);
      const segment = below(indexes.length) + 1;
      const file = segmentName(segment, "zstd");
      const bytes = readFileSync(join(folder, file));
      const [from, length] = [below(bytes.length), 1 + below(64)];
      const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
      const changes = [
        Buffer.concat([before, after.subarray(length)]),
        Buffer.concat([before, Buffer.alloc(length, below(256)), after]),
        Buffer.concat([before, after.subarray(0, length), after]),
        before,
      ];
      const changed = changes[below(changes.length)] ?? bytes;
      writeFileSync(join(folder, file), changed);
      const { ok, firstBad } = await verifyAudit(folder);
      writeFileSync(join(folder, file), bytes);
      assert.deepEqual([ok, firstBad?.file, firstBad?.problem], [false, file, "segment-damaged"], `seed ${seed}`);
      // All in front of the change is read, though the index is not where it was.
      const { offsets = [0] } = indexes[segment - 1] ?? {};
      const first = bytes.findIndex((byte, at) => byte !== changed[at]);
      const differs = first < 0 ? bytes.length : first;
      const frame = offsets.findLastIndex((offset) => offset <= differs);
      const line = lineAt(segments[segment - 1] ?? [], frame * frameBytes);
      assert.equal(firstBad?.line, line, `seed ${seed}: at ${differs} of ${bytes.length}`);
    }
  });

  it("for a line that was changed and compressed again", async (t) => {
    const { folder, segments } = await compressed(t);
    const file = join(folder, segmentName(2, "zstd"));
    const text = Buffer.from(`${(segments[1] ?? []).join("\n")}\n`.replace('"decision":"allow"', '"decision":"deny" '));
    writeFileSync(file, compressedFile(text));
    const { ok, firstBad } = await verifyAudit(folder);
    assert.deepEqual(
      [ok, firstBad?.file, firstBad?.line, firstBad?.problem],
      [false, segmentName(2, "zstd"), 2, "changed"],
    );
  });
});

function compressedFile(text: Buffer, ...more: readonly Buffer[]): Buffer {
  const frames = [compressFrame(text), ...more];
  const rows = frames.map((frame) => ({ bytes: frame.length, textBytes: text.length, check: checkOf(frame) }));
  return Buffer.concat([...frames, writeIndex(rows)]);
}

describe("a compressed segment that was made to harm", () => {
  it("is refused by its own problem, and no more is made of it than it says", async (t) => {
    const { folder, segments } = await compressed(t);
    const file = join(folder, segmentName(2, "zstd"));
    const text = Buffer.from(`${(segments[1] ?? []).join("\n")}\n`);
    const bomb = compressFrame(Buffer.alloc(100_000_000, "\n"));
    assert.throws(() => expandFrame(bomb, text.length), { code: "segment-oversized" });
    writeFileSync(file, compressedFile(text, bomb));
    const before = process.memoryUsage().arrayBuffers;
    const { firstBad } = await verifyAudit(folder);
    assert.ok(process.memoryUsage().arrayBuffers - before < 20_000_000);
    assert.deepEqual([firstBad?.problem, firstBad?.line], ["segment-oversized", (segments[1]?.length ?? 0) + 1]);
  });
});

describe("what is left of a damaged record", () => {
  it("is found, shown and listed all the same", async (t) => {
    const { folder, segments, indexes } = await compressed(t);
    const file = join(folder, segmentName(2, "zstd"));
    const bytes = readFileSync(file);
    const entries = (segments[1] ?? []).map((line) => JSON.parse(line) as { readonly id: string });
    const last = entries.at(-1)?.id ?? "";
    const at = indexes[1]?.offsets[1] ?? 0;
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    writeFileSync(file, bytes);
    assert.equal((await findRecord(folder, last))?.id, last);
    assert.ok((await tailRecords(folder, 1000)).length > 50);
    bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    bytes[bytes.length - 1] = 0;
    writeFileSync(file, bytes);
    assert.equal((await findRecord(folder, last))?.id, last, "without its index too");
    truncateSync(file, indexes[1]?.offsets.at(-2));
    assert.equal(await findRecord(folder, last), undefined);
    const first = entries.find(({ id }) => id !== undefined)?.id ?? "";
    assert.equal((await findRecord(folder, first))?.id, first, "and in front of where it was cut off");
    assert.ok((await tailRecords(folder, 1000)).length > 50);
    truncateSync(file, 0);
    assert.ok((await tailRecords(folder, 1000)).length > 40);
  });
});
