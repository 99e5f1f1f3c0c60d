import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readH2load } from "./h2load.ts";

const printed = `finished in 3.01s, 1234.56 req/s, 1.2MB/s
requests: 3717 total, 3973 started, 3717 done, 3700 succeeded, 17 failed, 0 errored, 0 timeout
status codes: 3700 2xx, 0 3xx, 17 4xx, 0 5xx
`;

describe("what h2load prints", () => {
  it("is read as good answers, and what was none", () => {
    const { requests, failures, seconds, firstFailure } = readH2load(printed);
    assert.deepEqual([requests, failures, seconds], [3700, 17, 3.01]);
    assert.match(firstFailure, /17 4xx/);
    assert.equal(readH2load(printed.replace("3.01s", "950.00ms").replace("17 4xx", "0 4xx")).seconds, 0.95);
  });

  it("is an error when it is something else", () => {
    assert.throws(() => readH2load("h2load: cannot connect"), /h2load says: h2load: cannot connect/);
  });
});
