import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { describe, it } from "node:test";
import { createPairHashing, hashBytes, OneByOne, type PairHashing } from "./pair-hashing.ts";

const most = 41;

/** Nodes of the next level, in place as a growing tree has them. */
function above(hashing: PairHashing, leaves: readonly string[], to: number): readonly string[] {
  const { memory, free } = hashing;
  for (const [at, leaf] of leaves.entries()) memory.write(leaf, free + at * hashBytes, "hex");
  const pairs = leaves.length / 2;
  hashing.hashPairs(free, pairs, free + to);
  return Array.from({ length: pairs }, (_, at) => {
    const start = free + to + at * hashBytes;
    return memory.toString("hex", start, start + hashBytes);
  });
}

describe("hashing of pairs", () => {
  it("gives the same nodes four at a time and one by one, and those of the definition", () => {
    const bytes = 2 * (most + 1) * hashBytes;
    const [four, one] = [createPairHashing(bytes), new OneByOne(bytes)];
    assert.ok(!(four instanceof OneByOne), "this machine has vectors");
    for (let pairs = 0; pairs <= most; pairs += 1) {
      const leaves = Array.from({ length: 2 * pairs }, (_, at) => hash("sha256", `${pairs} ${at}`, "hex"));
      const expected = Array.from({ length: pairs }, (_, at) =>
        hash("sha256", Buffer.from(`01${leaves[2 * at]}${leaves[2 * at + 1]}`, "hex"), "hex"),
      );
      for (const to of [0, hashBytes]) {
        assert.deepEqual(above(four, leaves, to), expected);
        assert.deepEqual(above(one, leaves, to), expected);
      }
    }
  });
});
