import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { blocksOf, createLanes, longestInLane, type Sha256Lanes } from "./lanes.ts";

const room = 64 * 1024;

function lanesHere(): Sha256Lanes {
  const lanes = createLanes(room);
  assert.ok(lanes, "this machine has vectors");
  return lanes;
}

/** xorshift32: the same messages each time. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Hashes four messages, each from a place of its own, and compares all digests with those of OpenSSL. */
function compare(lanes: Sha256Lanes, next: (below: number) => number, lengths: readonly number[]): void {
  const { memory, free } = lanes;
  const [digests, texts] = [free, free + 4 * 32];
  const messages = lengths.map((length) => Buffer.from(Array.from({ length }, () => next(256))));
  for (const [lane, message] of messages.entries()) {
    const from = texts + lane * 2048 + next(64);
    // What was there, and what is behind a message, must not matter.
    memory.fill(next(256), texts + lane * 2048, texts + (lane + 1) * 2048);
    message.copy(memory, from, 1);
    lanes.place(lane, message[0] as number, from, message.length - 1);
  }
  const blocks = blocksOf(lengths[0] as number);
  lanes.run(blocks, digests, digests + 32, digests + 64, digests + 96);
  for (const [lane, message] of messages.entries()) {
    const at = digests + 32 * lane;
    assert.equal(memory.toString("hex", at, at + 32), hash("sha256", message, "hex"), `${message.length} bytes`);
  }
}

describe("SHA-256 in four lanes", () => {
  it("is that of OpenSSL for four messages of each length that a lane has room for", () => {
    const lanes = lanesHere();
    const next = random(0x5eed);
    for (let length = 1; length <= longestInLane + 1; length += 1)
      compare(lanes, next, [length, length, length, length]);
  });

  it("is that of OpenSSL for messages of different lengths with as many blocks", () => {
    const lanes = lanesHere();
    const next = random(0xb10c);
    for (let round = 0; round < 2000; round += 1) {
      const length = 1 + next(longestInLane + 1);
      const [least, most] = [Math.max(1, blocksOf(length) * 64 - 72), blocksOf(length) * 64 - 9];
      const others = [0, 1, 2].map(() => least + next(most - least + 1));
      assert.ok(others.every((other) => blocksOf(other) === blocksOf(length)));
      compare(lanes, next, [length, ...others]);
    }
  });

  it("does not take a message that a lane has no room for", () => {
    const lanes = lanesHere();
    assert.throws(() => lanes.place(0, 0, lanes.free, longestInLane + 1), RangeError);
  });

  it("tells a digest's hex digits from any others", () => {
    const lanes = lanesHere();
    const { memory, free } = lanes;
    const next = random(0xd161);
    for (let round = 0; round < 200; round += 1) {
      const digest = Buffer.from(Array.from({ length: 32 }, () => next(256)));
      const text = free + 32 + next(100);
      digest.copy(memory, free);
      memory.write(digest.toString("hex"), text, "latin1");
      assert.equal(lanes.isHex(free, text), true);
      const at = text + next(64);
      memory[at] = (memory[at] as number) ^ (1 << next(8));
      assert.equal(lanes.isHex(free, text), false);
    }
  });

  it("does without where the machine gives no memory", () => {
    assert.equal(createLanes(Number.MAX_SAFE_INTEGER), undefined);
  });

  it("does without where there is no room to see that it is right", () => {
    assert.equal(createLanes(-1_000_000), undefined);
  });
});
