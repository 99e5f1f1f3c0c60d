import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, run, template } from "#policy/policy.test-helper.ts";

describe("set-variable", () => {
  it("keeps the type of an expression", () => {
    const exchange = exchangeFor();
    run(policy("set-variable", { name: "n", value: cel("1 + 1") }), exchange);
    run(policy("set-variable", { name: "b", value: cel('variables["n"] == 2') }), exchange);
    run(policy("set-variable", { name: "t", value: template("n=", 'variables["n"]') }), exchange);
    run(policy("set-variable", { name: "five", value: 5 }), exchange);
    run(policy("set-variable", { name: "six", value: cel('variables["five"] + 1') }), exchange);
    assert.deepEqual(
      [...(exchange.variables ?? [])],
      [
        ["n", 2n],
        ["b", true],
        ["t", "n=2"],
        ["five", 5n],
        ["six", 6n],
      ],
    );
  });

  it("keeps a literal of XML as a text, whatever it looks like", () => {
    const exchange = exchangeFor();
    for (const value of ["5", "true", " a "]) {
      run(policyFromXml("outbound", `<set-variable name="v" value="${value}" />`), exchange, { section: "outbound" });
      assert.equal(exchange.variables?.get("v"), value);
    }
  });

  it("tells names apart by their case, and needs name and value", () => {
    const exchange = exchangeFor();
    run(policy("set-variable", { name: "a", value: "small" }), exchange);
    run(policy("set-variable", { name: "A", value: "large" }), exchange);
    assert.deepEqual([exchange.variables?.get("a"), exchange.variables?.get("A")], ["small", "large"]);
    assert.match(problemsOfXml("inbound", '<set-variable value="1" />').join(), /name/);
    assert.match(problemsOfXml("inbound", '<set-variable name="n" />').join(), /value/);
  });

  it("refuses the request where its expression fails, and keeps what there was", () => {
    const exchange = exchangeFor();
    run(policy("set-variable", { name: "a", value: "old" }), exchange);
    const outcome = run(policy("set-variable", { name: "a", value: cel("variables.missing") }), exchange);
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
    assert.equal(exchange.variables?.get("a"), "old");
  });
});
