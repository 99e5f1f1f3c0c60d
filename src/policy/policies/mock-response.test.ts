import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Route } from "#model/snapshot.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

function answerOf(node: ReturnType<typeof policy>, exchange = exchangeFor()) {
  const outcome = run(node, exchange);
  assert.ok(outcome?.kind === "answer", JSON.stringify(outcome));
  return outcome;
}

const withExamples = exchangeFor();
withExamples.route = {
  examples: [
    { status: 200, contentType: "application/json; charset=utf-8", body: "{}" },
    { status: 200, contentType: "text/plain", body: "one" },
    { status: 404, contentType: "text/plain", body: "none" },
  ],
} as unknown as Route;

const pick = (args: Parameters<typeof policy>[1]): unknown[] => {
  const answer = answerOf(policy("mock-response", args), withExamples);
  return [answer.status, answer.headers.raw, answer.body === null ? null : String(answer.body)];
};

describe("mock-response", () => {
  it("picks by status, content type and index", () => {
    assert.deepEqual(pick({}), [200, ["Content-Type", "application/json; charset=utf-8"], "{}"]);
    assert.deepEqual(pick({ contentType: "application/json" }), [
      200,
      ["Content-Type", "application/json; charset=utf-8"],
      "{}",
    ]);
    assert.deepEqual(pick({ index: 1 }), [200, ["Content-Type", "text/plain"], "one"]);
    assert.deepEqual(pick({ statusCode: 404 }), [404, ["Content-Type", "text/plain"], "none"]);
    assert.deepEqual(pick({ statusCode: 500 }), [500, [], null]);
  });

  it("is 200 and the first example where XML says nothing, and ends the section", () => {
    const answer = answerOf(policyFromXml("inbound", "<mock-response />"), withExamples);
    assert.deepEqual([answer.status, String(answer.body)], [200, "{}"]);
    const named = policyFromXml(
      "outbound",
      '<mock-response status-code="200" content-type="TEXT/plain; q=1" index="0" />',
    );
    assert.equal(String(answerOf(named, withExamples).body), "one");
  });

  it("says the content type that was asked for where there is no example, and has a body of none", () => {
    const answer = answerOf(policy("mock-response", { statusCode: 204, contentType: "a/b", index: 0 }), withExamples);
    assert.deepEqual([answer.status, answer.headers.raw, answer.body], [204, ["Content-Type", "a/b"], null]);
  });

  it("has bounds, and does not stand in backend", () => {
    for (const attribute of ['status-code="199"', 'status-code="600"', 'index="-1"']) {
      assert.match(problemsOfXml("inbound", `<mock-response ${attribute} />`).join(), /statusCode|status-code|index/);
    }
    assert.match(problemsOfXml("backend", "<mock-response />").join(), /backend/);
  });
});
