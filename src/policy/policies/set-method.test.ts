import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

const reasonOf = (outcome: ReturnType<typeof run>): string | undefined =>
  outcome?.kind === "refusal" ? outcome.reason : outcome?.kind;

describe("set-method", () => {
  it("changes the draft and not the facts", () => {
    const exchange = exchangeFor();
    run(policy("set-method", { method: "PATCH" }), exchange);
    assert.deepEqual([exchange.request.method, exchange.facts.method], ["PATCH", "GET"]);
  });

  for (const method of ["GET /x HTTP/1.1\r\nA: b", "", "GE T", "CONNECT", "TRACE"]) {
    it(`refuses ${JSON.stringify(method)}`, () => {
      assert.equal(
        reasonOf(run(policy("set-method", { method: cel(JSON.stringify(method)) }), exchangeFor())),
        "expression-failed",
      );
    });
  }

  it("has its method between its tags, and stands where there is a request to change", () => {
    const exchange = exchangeFor();
    run(policyFromXml("inbound", "<set-method> PUT </set-method>"), exchange);
    assert.equal(exchange.request.method, "PUT");
    assert.match(problemsOfXml("inbound", "<set-method />").join(), /set-method/);
    assert.match(problemsOfXml("inbound", "<set-method>A B</set-method>").join(), /is no method/);
    assert.match(problemsOfXml("outbound", "<set-method>PUT</set-method>").join(), /outbound/);
  });
});
