import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readOptions } from "./options.ts";

const known = ["path", "http2"];

describe("options of the bench", () => {
  it("name cases, or all", () => {
    assert.deepEqual(readOptions([], known).cases, ["path"]);
    assert.deepEqual(readOptions(["--case", "http2,path"], known).cases, ["http2", "path"]);
    assert.deepEqual(readOptions(["--all"], known).cases, known);
  });

  it("are refused where they mean nothing, with what would", () => {
    assert.throws(() => readOptions(["--case", "http3"], known), /no http3; one of path, http2, or --all/);
    assert.throws(() => readOptions(["--rounds", "0"], known), /--rounds: a number from 1 to 1000, not 0/);
    assert.throws(() => readOptions(["--rounds", "1.5"], known), /--rounds: a whole number/);
    assert.throws(() => readOptions(["--seconds", ""], known), /--seconds/);
    assert.throws(() => readOptions(["--sekonds", "1"], known), /--sekonds/);
  });
});
