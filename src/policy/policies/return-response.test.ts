import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "#model/header-list.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { policyFromXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policies, policy, run, start, template } from "#policy/policy.test-helper.ts";

function answerOf(node: ReturnType<typeof policy>, exchange = exchangeFor()) {
  const outcome = run(node, exchange);
  assert.ok(outcome?.kind === "answer", JSON.stringify(outcome));
  return outcome;
}

describe("return-response", () => {
  it("is an empty 200 by default", () => {
    const answer = answerOf(policy("return-response"));
    assert.deepEqual([answer.status, answer.statusText, answer.headers.raw, answer.body], [200, "OK", [], null]);
  });

  it("has status, reason, headers and body as written or computed", () => {
    const answer = answerOf(
      policy("return-response", {
        status: cel("400 + 9"),
        reason: "Taken",
        headers: { "Content-Type": "text/plain", "Set-Cookie": ["a=1", "b=2"] },
        body: template("by ", "request.method"),
      }),
    );
    assert.deepEqual([answer.status, answer.statusText, String(answer.body)], [409, "Taken", "by GET"]);
    assert.deepEqual(answer.headers.raw, ["Content-Type", "text/plain", "Set-Cookie", "a=1", "Set-Cookie", "b=2"]);
  });

  it("refuses a computed header value that would split the response", () => {
    const node = policy("return-response", { headers: { Location: template("/", 'request.query["to"]') } });
    const outcome = run(node, exchangeFor([], { query: "to=a%0d%0aSet-Cookie:%20x" }));
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
  });

  it("ends the section", () => {
    const exchange = exchangeFor();
    start([policy("return-response"), policy("set-variable", { name: "a", value: 1 })], exchange);
    assert.equal(exchange.variables, null);
  });

  it("applies the policies of XML to the response in the variable, which stays as it was", () => {
    const exchange = exchangeFor();
    const received = new ReceivedResponse(
      404,
      "Gone",
      new HeaderList(["X-A", "b", "Content-Length", "3"]),
      Buffer.from("old"),
    );
    exchange.setVariable("r", received);
    const answer = answerOf(
      policyFromXml(
        "inbound",
        '<return-response response-variable-name="r"><set-status code="410" /><set-header name="X-A"><value>c</value></set-header><set-body>new</set-body></return-response>',
      ),
      exchange,
    );
    assert.deepEqual([answer.status, answer.headers.raw, String(answer.body)], [410, ["X-A", "c"], "new"]);
    assert.deepEqual(
      [received.status, received.headers.raw, Buffer.from(received.body).toString()],
      [404, ["X-A", "b", "Content-Length", "3"], "old"],
    );
  });

  it("answers with 502 where the response in the variable has a status that ends none", () => {
    const exchange = exchangeFor();
    exchange.setVariable("r", new ReceivedResponse(101, "Switching", new HeaderList(), new Uint8Array()));
    assert.equal(answerOf(policy("return-response", { responseVariable: "r" }), exchange).status, 502);
  });

  it("fails where the variable holds no response, and where a computed status is none", () => {
    const exchange = exchangeFor();
    exchange.setVariable("r", null);
    for (const args of [
      { responseVariable: "r" },
      { status: cel("700") },
      { policies: policies(policy("set-status", { code: cel("100") })) },
    ]) {
      const outcome = run(policy("return-response", args), exchange);
      assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed", JSON.stringify(args));
    }
  });
});
