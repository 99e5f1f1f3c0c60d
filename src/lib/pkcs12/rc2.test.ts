import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decryptBlock, decryptRc2, expand } from "./rc2.ts";

/** @see RFC 2268 §5 */
const vectors = [
  ["0000000000000000", 63, "0000000000000000", "ebb773f993278eff"],
  ["ffffffffffffffff", 64, "ffffffffffffffff", "278b27e42e2f0d49"],
  ["3000000000000000", 64, "1000000000000001", "30649edf9be7d2c2"],
  ["88", 64, "0000000000000000", "61a8a244adacccf0"],
  ["88bca90e90875a", 64, "0000000000000000", "6ccf4308974c267f"],
  ["88bca90e90875a7f0f79c384627bafb2", 64, "0000000000000000", "1a807d272bbe5db1"],
  ["88bca90e90875a7f0f79c384627bafb2", 128, "0000000000000000", "2269552ab0f85ca6"],
  ["88bca90e90875a7f0f79c384627bafb216f80a6f85920584c42fceb0be255daf1e", 129, "0000000000000000", "5b78d3a43dfff1f1"],
] as const;

describe("RC2", () => {
  for (const [key, bits, plain, cipher] of vectors) {
    it(`opens the vector of ${bits} bits of a key of ${key.length / 2} bytes`, () => {
      const opened = new Uint8Array(8);
      decryptBlock(expand(Buffer.from(key, "hex"), bits), Buffer.from(cipher, "hex"), opened, 0);
      assert.equal(Buffer.from(opened).toString("hex"), plain);
    });
  }

  it("takes whole blocks with a padding alone", () => {
    const key = new Uint8Array(16);
    const iv = new Uint8Array(8);
    for (const length of [0, 7, 9]) assert.throws(() => decryptRc2(key, iv, new Uint8Array(length)), /malformed/);
    assert.throws(() => decryptRc2(key, iv, new Uint8Array(8)), /password/);
  });
});
