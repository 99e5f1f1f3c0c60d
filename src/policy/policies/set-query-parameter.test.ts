import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

function changed(query: string, args: Parameters<typeof policy>[1]): string {
  const exchange = exchangeFor([], { query });
  assert.equal(run(policy("set-query-parameter", args), exchange), undefined);
  return exchange.request.query;
}

describe("set-query-parameter", () => {
  it("overrides every pair of the name, however it is encoded, and leaves the others untouched", () => {
    assert.equal(changed("a=1&b=%7e&%61=2", { name: "a", values: ["9", "8"] }), "b=%7e&a=9&a=8");
    assert.equal(changed("a+b=1&c", { name: "a b", values: ["2"] }), "c&a%20b=2");
  });

  it("skips, appends and deletes", () => {
    assert.equal(changed("a=1", { name: "a", ifExists: "skip", values: ["2"] }), "a=1");
    assert.equal(changed("", { name: "a", ifExists: "skip", values: ["2"] }), "a=2");
    assert.equal(changed("a=1", { name: "a", ifExists: "append", values: ["2"] }), "a=1&a=2");
    assert.equal(changed("a=1&b=2", { name: "a", ifExists: "delete" }), "b=2");
  });

  it("encodes, so that a value adds no pair and no fragment", () => {
    assert.equal(changed("", { name: "a", values: [cel('"1&admin=true#x y"')] }), "a=1%26admin%3Dtrue%23x%20y");
  });

  it("copes with pairs that cannot be decoded", () => {
    assert.equal(changed("%zz=1&a=1", { name: "a", ifExists: "delete" }), "%zz=1");
  });
});
