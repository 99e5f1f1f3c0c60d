import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { constants, zstdCompressSync } from "node:zlib";
import { compressFrame, expandFrame } from "./frame.ts";
import { checkOf, frameAt, footerBytes, indexBytes, readIndex, writeIndex } from "./frame-index.ts";
import { segmentDamage } from "./segment-damage.ts";

const texts = ["a".repeat(100), "b".repeat(100), "c".repeat(7)].map((text) => Buffer.from(text));
const frames = texts.map(compressFrame);
const index = writeIndex(
  frames.map((frame, at) => ({ bytes: frame.length, textBytes: texts[at]?.length ?? 0, check: checkOf(frame) })),
);
const file = Buffer.concat([...frames, index]);

function read(bytes: Buffer): ReturnType<typeof readIndex> {
  const needed = indexBytes(bytes.subarray(Math.max(0, bytes.length - footerBytes)), bytes.length);
  return readIndex(bytes.subarray(bytes.length - needed), bytes.length);
}

/** The text, as a reader comes by it. */
function readAll(bytes: Buffer): string {
  const found = read(bytes);
  let text = "";
  for (let frame = frameAt(found, 0); frame !== undefined; frame = frameAt(found, text.length)) {
    const part = bytes.subarray(frame.offset, frame.offset + frame.bytes);
    if (checkOf(part) !== found.checks[frame.number]) throw segmentDamage("segment-damaged", "its check");
    text += expandFrame(part, frame.textBytes).toString();
  }
  return text;
}

describe("the index of a compressed segment", () => {
  it("says where each part of the text is", () => {
    const found = read(file);
    assert.deepEqual([found.size, found.frameBytes], [207, 100]);
    assert.deepEqual(
      [0, 99, 100, 206].map((at) => frameAt(found, at)?.number),
      [0, 0, 1, 2],
    );
    assert.equal(frameAt(found, 207), undefined);
    assert.equal(readAll(file), texts.join(""));
  });

  it("is refused whichever bit of it is another", () => {
    for (let at = file.length - index.length; at < file.length; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        const changed = Buffer.from(file);
        changed[at] = (file[at] ?? 0) ^ (1 << bit);
        assert.throws(() => readAll(changed), { code: /^segment-(damaged|oversized)$/ }, `byte ${at} bit ${bit}`);
      }
    }
  });

  it("is refused when the file is shorter or longer", () => {
    for (let length = 0; length < file.length; length += 1) {
      assert.throws(() => read(file.subarray(0, length)), { code: "segment-damaged" });
    }
    assert.throws(() => read(Buffer.concat([Buffer.from("x"), file])), { code: "segment-damaged" });
  });

  it("makes no more text than is said, however much a frame holds, and gives no decoder a large window", () => {
    const bomb = compressFrame(Buffer.alloc(50_000_000));
    assert.ok(bomb.length < 20_000);
    const before = process.memoryUsage().arrayBuffers;
    assert.throws(() => expandFrame(bomb, 256 * 1024), { code: "segment-oversized" });
    assert.ok(process.memoryUsage().arrayBuffers - before < 4_000_000);
    const wide = zstdCompressSync(Buffer.alloc(50_000_000), { params: { [constants.ZSTD_c_windowLog]: 27 } });
    assert.throws(() => expandFrame(wide, 256 * 1024), { code: "segment-oversized" });
    assert.throws(() => expandFrame(compressFrame(Buffer.from("short")), 100), { code: "segment-damaged" });
    const said = writeIndex([{ bytes: bomb.length, textBytes: 2 ** 31, check: checkOf(bomb) }]);
    assert.throws(() => read(Buffer.concat([bomb, said])), { code: "segment-oversized" });
    const huge = writeIndex([{ bytes: 2 ** 31, textBytes: 100, check: checkOf(bomb) }]);
    assert.throws(() => read(Buffer.concat([bomb, huge])), { code: "segment-oversized" });
  });
});
