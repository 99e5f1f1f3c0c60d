import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { chainOverhead, chainRecord, chainStart, coveredEnd, isNext, readLink } from "./chain.ts";
import { leafHash } from "./merkle/tree-hash.ts";

const body = Buffer.from('{"id":"a","path":"/bücher"}');
const first = chainRecord(chainStart, body);
const second = chainRecord(first.state, body);

/** Whether a line, behind others, is the one that is to come. */
function isSecond(line: Buffer, seq = 2, prev = first.state.hash): boolean {
  const bytes = Buffer.concat([first.line, line]);
  const start = first.line.length;
  const end = bytes.length - 1;
  const covered = coveredEnd(end);
  const digests = [prev, covered > start ? leafHash(bytes, start, covered) : ""];
  const isHex = (digest: number, at: number): boolean => bytes.toString("latin1", at, at + 64) === digests[digest];
  return isNext(bytes, start, end, seq, { isHex }, 0, 1);
}

describe("hash chain", () => {
  it("splices number and hashes into the line as it was written", () => {
    const stored = second.line.toString("utf8");
    const link = `,"seq":2,"prev":"${first.state.hash}","hash":"${second.state.hash}"}\n`;
    assert.equal(stored, `{"id":"a","path":"/bücher"${link}`);
    assert.ok(second.line.length - body.length - 1 <= chainOverhead);
  });

  it("hashes every byte in front of the hash member, in the documented form", () => {
    const line = second.line.toString("utf8");
    const covered = line.slice(0, line.lastIndexOf(',"hash":'));
    assert.equal(createHash("sha256").update("\0").update(covered).digest("hex"), second.state.hash);
  });

  it("knows the line that comes next, and takes no other for it", () => {
    assert.equal(isSecond(second.line), true);
    assert.equal(isSecond(second.line, 1), false);
    assert.equal(isSecond(second.line, 3), false);
    assert.equal(isSecond(second.line, 2, second.state.hash), false);
    assert.equal(isSecond(first.line), false);
    for (let length = 1; length < second.line.length; length += 1) {
      assert.equal(isSecond(second.line.subarray(0, length)), false, `${length} bytes`);
      assert.equal(isSecond(second.line.subarray(length)), false, `from ${length} on`);
    }
  });

  it("takes no line with any byte changed", () => {
    for (let at = 0; at < second.line.length - 1; at += 1) {
      const changed = Buffer.from(second.line);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      assert.equal(isSecond(changed), false, `byte ${at}`);
    }
  });

  it("reads what a line claims, and whether the line is intact", () => {
    const at = first.line.length;
    const both = Buffer.concat([first.line, second.line]);
    assert.deepEqual(readLink(both, at, both.length - 1), {
      seq: 2,
      prev: first.state.hash,
      hash: second.state.hash,
      intact: true,
    });
    both[at + 8] = 0x62;
    assert.equal(readLink(both, at, both.length - 1)?.intact, false);
    assert.equal(readLink(Buffer.from("{}"), 0, 2), undefined);
  });
});
