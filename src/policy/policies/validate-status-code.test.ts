import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { type Args, responding, resultOf } from "#policy/validation/described.test-helper.ts";

describe("validate-status-code", () => {
  it("knows statuses by themselves and by their class", () => {
    const args: Args = { unspecifiedStatusCodeAction: "prevent", statusCodes: [{ code: 503, action: "ignore" }] };
    const statuses = [200, 404, 503, 500, 204].map((status) =>
      resultOf("validate-status-code", args, responding(status), "outbound"),
    );
    assert.deepEqual(statuses, ["passed", "passed", "passed", "response-not-valid: ", "response-not-valid: "]);
  });

  it("keeps what it finds, and lets pass what is only to be seen", () => {
    const exchange = responding(503);
    const node = policyFromXml(
      "outbound",
      `<validate-status-code unspecified-status-code-action="prevent" errors-variable-name="wrong">
        <status-code code="503" action="detect" />
      </validate-status-code>`,
    );
    assert.equal(resultOf(node, exchange, "outbound"), "passed");
    assert.deepEqual(exchange.variables?.get("wrong"), [
      {
        Name: "StatusCode",
        Type: "status-code",
        ValidationRule: "Unspecified",
        Details: "Response status code 503 is not allowed.",
        Action: "detect",
      },
    ]);
    assert.equal(resultOf(node, responding(504), "outbound"), "response-not-valid: ");
  });

  it("needs its action, statuses that are some, and a response", () => {
    assert.match(problemsOfXml("outbound", "<validate-status-code />").join(), /unspecified/i);
    const odd =
      '<validate-status-code unspecified-status-code-action="ignore"><status-code code="99" action="ignore" /></validate-status-code>';
    assert.match(problemsOfXml("outbound", odd).join(), /code/);
    const whole = '<validate-status-code unspecified-status-code-action="prevent" />';
    assert.match(problemsOfXml("inbound", whole).join(), /inbound/);
    const without = responding(500);
    without.response = null;
    assert.equal(resultOf(policyFromXml("on-error", whole), without, "on-error"), "passed");
  });
});
