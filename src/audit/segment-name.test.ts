import assert from "node:assert/strict";
import { it } from "node:test";
import { segmentName, segmentNumber } from "./segment-name.ts";

it("numbers segments from 1, and takes no other file for one", () => {
  assert.equal(segmentName(1), "00000001.jsonl");
  for (const number of [1, 42, 99_999_999, 100_000_000]) assert.equal(segmentNumber(segmentName(number)), number);
  for (const name of [
    "00000000.jsonl",
    "1.jsonl",
    "000000001.jsonl",
    "00000001.jsonl.damaged-ab",
    "00000001.json",
    "x",
  ]) {
    assert.equal(segmentNumber(name), undefined, name);
  }
});
