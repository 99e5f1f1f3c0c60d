import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { brotliCompressSync, deflateRawSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { SeenAnswer } from "#shadow/seen-answer.ts";
import { decodeAnswer } from "./decode-answer.ts";

const text = JSON.stringify({ a: "x".repeat(100) });

function coded(coding: string, body: Uint8Array): SeenAnswer {
  return { status: 200, headers: ["A", "b", "Content-Encoding", coding], body, isCut: false };
}

describe("the coding of an answer's body", () => {
  it("is undone, whichever it is", async () => {
    const codings = {
      gzip: gzipSync(text),
      br: brotliCompressSync(text),
      zstd: zstdCompressSync(text),
      deflate: deflateRawSync(text),
      "gzip, br": brotliCompressSync(gzipSync(text)),
    };
    for (const [coding, body] of Object.entries(codings)) {
      const { headers, body: plain } = await decodeAnswer(coded(coding, body), 1000);
      assert.deepEqual([headers, Buffer.from(plain).toString()], [["A", "b"], text], coding);
    }
  });

  it("stays where it is not known, is not what it says, is not whole, or would be more than is compared", async () => {
    const bomb = coded("gzip", gzipSync(Buffer.alloc(64 * 2 ** 20)));
    const broken = coded("gzip", Buffer.from(text));
    const unknown = coded("zip", Buffer.from(text));
    const cut = { ...coded("gzip", gzipSync(text)), isCut: true };
    for (const answer of [bomb, broken, unknown, cut]) assert.equal(await decodeAnswer(answer, 1000), answer);
  });
});
