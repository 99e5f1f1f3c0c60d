import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

function targetOf(args: Parameters<typeof policy>[1]): readonly string[] | string {
  const exchange = exchangeFor([], { path: "/a/b", query: "q={x}" });
  const outcome = run(policy("set-target", args), exchange);
  return outcome?.kind === "refusal" ? outcome.reason : [exchange.request.path, exchange.request.query];
}

describe("set-target", () => {
  it("sets what is written as it is: no placeholder, and what is not said stays", () => {
    assert.deepEqual(targetOf({ path: "/v2/{id}" }), ["/v2/%7Bid%7D", "q=%7Bx%7D"]);
    assert.deepEqual(targetOf({ path: cel('"/v2" + request.sentPath') }), ["/v2/a/b", "q=%7Bx%7D"]);
    assert.deepEqual(targetOf({ query: "" }), ["/a/b", ""]);
  });

  for (const path of ["x", "//host/x", "/a/../b", "/a/%2e%2e/b", "/a%2fb", "/a%5cb", "/%zz"]) {
    it(`refuses ${path}`, () => assert.equal(targetOf({ path: cel(JSON.stringify(path)) }), "expression-failed"));
  }
});
