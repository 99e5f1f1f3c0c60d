import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { compressFrame } from "./frame.ts";
import { walkFrames } from "./walk-frames.ts";

const texts = [400_000, 400_000, 90_000, 255, 256].map((length, at) =>
  Buffer.from(Array.from({ length }, (_, place) => (place * (at + 7)) % 251)),
);
const [one = Buffer.alloc(0), two = Buffer.alloc(0), three = Buffer.alloc(0), ...small] = texts.map(compressFrame);

async function walk(file: Buffer): Promise<{ size: number; offsets: readonly number[]; reads: number }> {
  let reads = 0;
  const read = async (offset: number, length: number): Promise<Buffer> => {
    reads += 1;
    return file.subarray(offset, offset + length);
  };
  const { size, offsets } = await walkFrames(read, file.length);
  return { size, offsets, reads };
}

describe("frames without an index", () => {
  it("are found where they are, up to where the file is cut off or goes on as something else", async () => {
    const frames = Buffer.concat([one, two, three]);
    const expected = [0, one.length, one.length + two.length, frames.length];
    for (const rest of ["", "no frame", Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])]) {
      const { size, offsets } = await walk(Buffer.concat([frames, Buffer.from(rest)]));
      assert.deepEqual([size, offsets], [890_000, expected]);
    }
    const { size, offsets } = await walk(frames.subarray(0, frames.length - 1));
    assert.deepEqual([size, offsets], [800_000, expected.slice(0, 3)]);
    for (const [at, frame] of small.entries()) assert.equal((await walk(frame)).size, 255 + at);
  });

  it("cost no more to look for than there can be, whatever the file holds", async () => {
    const head = Buffer.from("28b52ffda400000400", "hex");
    const empty = Buffer.concat([head, Buffer.alloc(30_000)]);
    assert.deepEqual(await walk(empty), { size: 0, offsets: [0], reads: 17 });
    const large = Buffer.from("28b52ffda400000040", "hex");
    assert.deepEqual(await walk(Buffer.concat([large, Buffer.alloc(100)])), { size: 0, offsets: [0], reads: 1 });
    assert.deepEqual(await walk(Buffer.alloc(0)), { size: 0, offsets: [0], reads: 1 });
  });
});
