import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel } from "#policy/policy.test-helper.ts";
import { type Args, incoming, resultOf } from "#policy/validation/described.test-helper.ts";

describe("validate-parameters", () => {
  const prevent: Args = { specifiedParameterAction: "prevent", unspecifiedParameterAction: "prevent" };
  const result = (exchange: Exchange, args: Args = prevent): string =>
    resultOf("validate-parameters", args, exchange, "inbound");

  it("holds path, query and headers to what is described", () => {
    assert.equal(
      result(incoming("a=1&a=2&b=true", "7", ["X-Kind", "x", "User-Agent", "u", "Accept", "*/*"])),
      "passed",
    );
    for (const [exchange, problem] of [
      [incoming("b=true", "seven"), /path parameter id does not conform/],
      [incoming("b=true", "0"), /path parameter id does not conform/],
      [incoming("a=1&a=x&b=true"), /query parameter a does not conform/],
      [incoming("a=1"), /lacks the query parameter b/],
      [incoming("b=true&b=false"), /cannot contain multiple values for the query parameter b/],
      [incoming("b=1"), /query parameter b does not conform/],
      [incoming("b=true&c=1"), /Unspecified query parameter c is not allowed/],
      [incoming("b=true", "7", ["X-Kind", "z"]), /header parameter X-Kind does not conform/],
      [incoming("b=true", "7", ["X-Other", "z"]), /Unspecified header parameter x-other/],
    ] as const) {
      assert.match(result(exchange), /^request-not-valid: /);
      assert.match(result(exchange), problem);
    }
  });

  it("knows what the operation's template has in the query", () => {
    const exchange = incoming("b=true&kind=x");
    assert.match(result(exchange), /Unspecified query parameter kind/);
    const query = [{ key: "kind", parameter: "kind", text: null }];
    const told = incoming("b=true&kind=x");
    told.route = { ...(told.route as NonNullable<Exchange["route"]>), query };
    assert.equal(result(told), "passed");
  });

  it("takes the nearest setting, keeps what it finds, and lets pass what is only to be seen", () => {
    const exchange = incoming("b=x&c=1&d=2");
    const args: Args = {
      specifiedParameterAction: "prevent",
      unspecifiedParameterAction: "prevent",
      errorsVariable: "wrong",
      query: {
        unspecifiedParameterAction: "ignore",
        parameters: [
          { name: "b", action: "detect" },
          { name: "d", action: cel("'detect'") },
        ],
      },
    };
    assert.equal(result(exchange, args), "passed");
    const wrong = exchange.variables?.get("wrong") as readonly {
      Name: string;
      Action: string;
      ValidationRule: string;
    }[];
    assert.deepEqual(
      wrong.map(({ Name, Action, ValidationRule }) => [Name, Action, ValidationRule]),
      [
        ["b", "detect", "IncorrectMessage"],
        ["d", "detect", "Unspecified"],
      ],
    );
    assert.match(exchange.trail[0]?.detail ?? "", /query parameter b does not conform/);
  });

  it("reads its places and parameters from XML", () => {
    const node = policyFromXml(
      "inbound",
      `<validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="prevent" errors-variable-name="wrong">
        <headers specified-parameter-action="detect" unspecified-parameter-action="ignore">
          <parameter name="x-other" action="prevent" />
        </headers>
        <path specified-parameter-action="ignore" />
      </validate-parameters>`,
    );
    const held = (exchange: Exchange): string => resultOf(node, exchange, "inbound");
    assert.equal(held(incoming("b=true", "none", ["X-Kind", "z", "X-Free", "1"])), "passed");
    assert.match(held(incoming("b=true", "7", ["X-Other", "1"])), /x-other/);
    assert.match(held(incoming("b=true&c=1")), /query parameter c/, "of all places, where none says more");
  });

  it("needs both of its actions, and takes those that there are", () => {
    assert.match(
      problemsOfXml("inbound", '<validate-parameters specified-parameter-action="ignore" />').join(),
      /unspecified/i,
    );
    const strange = '<validate-parameters specified-parameter-action="warn" unspecified-parameter-action="ignore" />';
    assert.match(problemsOfXml("inbound", strange).join(), /ignore, detect/);
    const computed = { specifiedParameterAction: cel("'warn'"), unspecifiedParameterAction: "ignore" };
    assert.match(resultOf("validate-parameters", computed, incoming("a=x"), "inbound"), /^expression-failed/);
  });

  it("takes for a place what is said of all where the place says nothing of it", () => {
    const args: Args = {
      specifiedParameterAction: "prevent",
      unspecifiedParameterAction: "ignore",
      query: { specifiedParameterAction: "ignore" },
    };
    assert.equal(result(incoming("a=x&c=1"), args), "passed");
    assert.match(result(incoming("a=x", "seven"), args), /path parameter id/);
    const other: Args = { ...args, query: { unspecifiedParameterAction: "prevent" } };
    assert.match(result(incoming("a=x&b=true"), other), /query parameter a/);
    assert.match(result(incoming("b=true&c=1"), other), /query parameter c/);
  });

  it("leaves the subscription key alone", () => {
    const exchange = incoming("b=true&key=1", "7", ["X-Api-Key", "1"]);
    exchange.api = { subscriptionKey: { header: "X-Api-Key", query: "key" } } as unknown as NonNullable<
      Exchange["api"]
    >;
    assert.equal(result(exchange), "passed");
  });
});
