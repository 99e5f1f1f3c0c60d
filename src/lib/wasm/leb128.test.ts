import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { signedLeb, unsignedLeb } from "./leb128.ts";

/** Reads as the format says: seven bits a byte, lowest first, the last one's highest bit being the sign. */
function read(bytes: readonly number[], signed: boolean): bigint {
  let value = 0n;
  for (const [at, byte] of bytes.entries()) value |= BigInt(byte & 0x7f) << BigInt(7 * at);
  const bits = 7 * bytes.length;
  return signed ? BigInt.asIntN(bits, value) : value;
}

const edges = [0, 1, 63, 64, 127, 128, 8191, 8192, 16_383, 16_384, 2 ** 31 - 1];

describe("numbers of WebAssembly", () => {
  it("are written so that they read the same, in as few bytes as there can be", () => {
    for (const edge of [...edges, 2 ** 31, 2 ** 32 - 1]) {
      const bytes = unsignedLeb(edge);
      assert.equal(read(bytes, false), BigInt(edge));
      assert.equal(bytes.length, Math.max(1, Math.ceil(edge.toString(2).length / 7)), `${edge}`);
    }
    for (const edge of edges.flatMap((one) => [one, -one, -one - 1])) {
      const bytes = signedLeb(edge);
      assert.equal(read(bytes, true), BigInt(edge));
      const shorter = bytes.length - 1;
      assert.ok(shorter === 0 || BigInt.asIntN(7 * shorter, BigInt(edge)) !== BigInt(edge), `${edge}`);
    }
  });

  it("say by the highest bit that more bytes follow", () => {
    for (const bytes of [unsignedLeb(2 ** 32 - 1), signedLeb(-(2 ** 31))]) {
      assert.equal(bytes.length, 5);
      assert.deepEqual(
        bytes.map((byte) => byte >> 7),
        [1, 1, 1, 1, 0],
      );
    }
  });
});
