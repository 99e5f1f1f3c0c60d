import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { chainOverhead, chainRecord, chainStart, follow, readLink } from "./chain.ts";

const body = Buffer.from('{"id":"a","path":"/bücher"}');
const first = chainRecord(chainStart, body);
const second = chainRecord(first.state, body);

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

  it("follows a line that belongs next, and no other", () => {
    assert.deepEqual(follow(first.state, second.line, 0, second.line.length - 1), second.state);
    assert.equal(follow(chainStart, second.line, 0, second.line.length - 1), undefined);
    assert.equal(follow(second.state, second.line, 0, second.line.length - 1), undefined);
  });

  it("follows no line with any byte changed", () => {
    const end = second.line.length - 1;
    for (let at = 0; at < end; at += 1) {
      const changed = Buffer.from(second.line);
      changed[at] = (changed[at] ?? 0) ^ 0x01;
      assert.equal(follow(first.state, changed, 0, end), undefined, `byte ${at}`);
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
