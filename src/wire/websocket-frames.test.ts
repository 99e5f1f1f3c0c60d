import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { closeFrame, FrameBoundary, policyViolation } from "./websocket-frames.ts";

/** A binary frame. @see RFC 6455 §5.2 */
function frame(length: number, mask = false): Buffer {
  const head = Buffer.alloc(10);
  const short = length < 126 ? length : length < 65_536 ? 126 : 127;
  head.writeUInt8(0x82, 0);
  head.writeUInt8(short | (mask ? 0x80 : 0), 1);
  if (short === 126) head.writeUInt16BE(length, 2);
  if (short === 127) head.writeBigUInt64BE(BigInt(length), 2);
  const headBytes = short === 127 ? 10 : short === 126 ? 4 : 2;
  return Buffer.concat([head.subarray(0, headBytes), Buffer.alloc(mask ? 4 : 0, 9), Buffer.alloc(length, 0x81)]);
}

describe("the boundary between WebSocket frames", () => {
  it("is found for every length form, masked or not, however the bytes are cut", () => {
    for (const length of [0, 1, 125, 126, 65_535, 65_536]) {
      for (const mask of [false, true]) {
        const bytes = Buffer.concat([frame(length, mask), frame(3)]);
        const ends = new Set([bytes.length - 5, bytes.length]);
        const boundary = new FrameBoundary();
        for (let at = 0; at < bytes.length; at += 1) {
          boundary.take(bytes.subarray(at, at + 1));
          assert.equal(boundary.isBetween, ends.has(at + 1), `${length} bytes, after byte ${at + 1}`);
        }
        const whole = new FrameBoundary();
        whole.take(bytes);
        assert.equal(whole.isBetween, true);
      }
    }
  });

  it("is none behind a close frame", () => {
    const boundary = new FrameBoundary();
    boundary.take(closeFrame(policyViolation, "over"));
    assert.equal(boundary.isBetween, false);
  });
});
