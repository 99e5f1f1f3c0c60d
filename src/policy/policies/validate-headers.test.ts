import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { type Args, responding, resultOf } from "#policy/validation/described.test-helper.ts";

describe("validate-headers", () => {
  const headers: Args = { specifiedHeaderAction: "prevent", unspecifiedHeaderAction: "prevent" };

  it("holds responses to what is described, and tells the client nothing", () => {
    const good = responding(200, ["X-Left", "3", "Content-Type", "a/b"]);
    assert.equal(resultOf("validate-headers", headers, good, "outbound"), "passed");
    for (const fields of [[], ["X-Left", "many"], ["X-Left", "3", "X-Secret", "s"]]) {
      assert.equal(resultOf("validate-headers", headers, responding(200, fields), "outbound"), "response-not-valid: ");
    }
    const args: Args = { ...headers, headers: [{ name: "X-Secret", action: "ignore" }] };
    assert.equal(
      resultOf("validate-headers", args, responding(200, ["X-Left", "3", "x-secret", "s"]), "outbound"),
      "passed",
    );
  });

  it("takes the action of a header before that of its kind, and keeps what it finds", () => {
    const exchange = responding(200, ["X-Left", "many", "X-Secret", "s"]);
    const node = policyFromXml(
      "on-error",
      `<validate-headers specified-header-action="ignore" unspecified-header-action="detect" errors-variable-name="wrong">
        <header name="x-left" action="detect" />
      </validate-headers>`,
    );
    assert.equal(resultOf(node, exchange, "on-error"), "passed");
    const found = exchange.variables?.get("wrong") as readonly Readonly<Record<string, string>>[];
    assert.deepEqual(
      found.map(({ Name, Type, ValidationRule, Action }) => [Name, Type, ValidationRule, Action]),
      [
        ["X-Left", "header", "IncorrectMessage", "detect"],
        ["x-secret", "header", "Unspecified", "detect"],
      ],
    );
  });

  it("knows no header of a status that is not described", () => {
    assert.equal(
      resultOf("validate-headers", headers, responding(500, ["X-Left", "3"]), "outbound"),
      "response-not-valid: ",
    );
    assert.equal(resultOf("validate-headers", headers, responding(500, ["Date", "now"]), "outbound"), "passed");
  });

  it("needs both of its actions, and does not stand in inbound", () => {
    assert.match(
      problemsOfXml("outbound", '<validate-headers specified-header-action="detect" />').join(),
      /unspecified/i,
    );
    const whole = '<validate-headers specified-header-action="detect" unspecified-header-action="detect" />';
    assert.match(problemsOfXml("inbound", whole).join(), /inbound/);
  });
});
