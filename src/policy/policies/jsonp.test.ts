import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exchangeFor, policy, respondingWith, run } from "#policy/policy.test-helper.ts";

function wrapped(query: string, type = "application/json"): readonly unknown[] {
  const exchange = respondingWith(type, '{"a":1}');
  exchange.facts = { ...exchangeFor([], { query }).facts };
  const outcome = run(policy("jsonp", { callbackParameter: "cb" }), exchange, { section: "outbound" });
  if (outcome?.kind === "refusal") return [outcome.reason, outcome.message];
  return [String(exchange.response?.body), exchange.response?.headers.raw];
}

describe("jsonp", () => {
  it("wraps JSON into a call of the function that the client names", () => {
    const headers = ["Content-Type", "application/javascript; charset=utf-8", "X-Content-Type-Options", "nosniff"];
    assert.deepEqual(wrapped("cb=jQuery_1$"), ['jQuery_1$({"a":1});', headers]);
    assert.deepEqual(wrapped("cb=f", "application/hal+json")[0], 'f({"a":1});');
  });

  it("leaves what was not asked for, and what is no JSON", () => {
    assert.deepEqual(wrapped("x=f"), ['{"a":1}', ["Content-Type", "application/json"]]);
    assert.deepEqual(wrapped("cb=f", "text/html"), ['{"a":1}', ["Content-Type", "text/html"]]);
  });

  it("refuses what is no name", () => {
    const message = "Value of callback parameter cb is not a valid JavaScript identifier.";
    for (const query of ["cb=alert(1)", "cb=", "cb=a.b", "cb=1a", "cb=a&cb=b", "cb=a%0a", `cb=${"a".repeat(200)}`]) {
      assert.deepEqual(wrapped(query), ["callback-invalid", message], query);
    }
  });
});
