import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { chainStart, coveredEnd } from "#audit/chain.ts";
import { leafHash } from "#audit/merkle/tree-hash.ts";
import { segmentName } from "#audit/segment-name.ts";
import { temporaryFolder } from "#audit/testing/doubles.ts";
import { generator } from "#audit/testing/generator.ts";
import { createLeafHashing, LeafByLeaf, type LeafHashing } from "./leaf-hashing.ts";
import { maxLineBytes } from "./read-windows.ts";
import { HashedScan } from "./scan-hashed.ts";
import { segmentAt } from "./segments.ts";

const ways: readonly (readonly [string, (bytes: number) => LeafHashing])[] = [
  ["four at a time", createLeafHashing],
  ["one by one", (bytes) => new LeafByLeaf(bytes)],
];

/** Lines of all lengths, more than a window of them: most as short records are, some far longer. */
function linesOf(seed: number, count: number): readonly Buffer[] {
  const below = generator(seed);
  return Array.from({ length: count }, (_, at) => {
    const length = at < 900 ? at : below(12) === 0 ? below(6000) : 380 + below(150);
    const line = Buffer.alloc(length);
    for (let place = 0; place < length; place += 1) line[place] = 0x20 + below(0x5e);
    return line;
  });
}

const endOfLine = Buffer.from("\n");
const bytesEnough = 2 * 1024 * 1024;

describe("lines with the hashes that they should have", () => {
  it("is hashed in vectors here", () => {
    assert.ok(!(createLeafHashing(bytesEnough) instanceof LeafByLeaf));
  });

  for (const [name, hashing] of ways) {
    it(`gives each line its own and that of the line in front of it, over windows and segments: ${name}`, async (t) => {
      const folder = temporaryFolder(t);
      const scan = new HashedScan(hashing(bytesEnough));
      let prevHash = chainStart.hash;
      for (const number of [1, 2]) {
        const lines = linesOf(number, 5000);
        writeFileSync(join(folder, segmentName(number)), Buffer.concat(lines.flatMap((line) => [line, endOfLine])));
        let seen = 0;
        const result = await scan.scan(segmentAt(folder, number, "text"), (start, end, line, prev, own) => {
          const expected = lines[seen] as Buffer;
          seen += 1;
          assert.equal(line, seen);
          assert.ok(scan.memory.subarray(start, end).equals(expected), `line ${line}`);
          assert.equal(scan.hexOf(prev), prevHash, `in front of line ${line}`);
          const covered = coveredEnd(expected.length);
          if (covered > 0) assert.equal(scan.hexOf(own), leafHash(expected, 0, covered), `line ${line}`);
          prevHash = scan.hexOf(own);
          return true;
        });
        const bytes = lines.reduce((sum, { length }) => sum + length + 1, 0);
        assert.deepEqual(result, { lines: lines.length, rest: 0, bytes, stopped: false });
      }
    });
  }

  it("stops where it is told to, and at a line that is too long", async (t) => {
    const folder = temporaryFolder(t);
    const long = Buffer.alloc(maxLineBytes + 1, "x");
    writeFileSync(join(folder, segmentName(1)), Buffer.concat([Buffer.from("a\nb\nc\n"), long]));
    const segment = segmentAt(folder, 1, "text");
    const stopped = await new HashedScan().scan(segment, (_start, _end, line) => line < 2);
    assert.equal(stopped.stopped, true);
    const all = await new HashedScan().scan(segment, () => true);
    assert.deepEqual([all.lines, all.rest, all.stopped], [3, long.length, false]);
  });
});
