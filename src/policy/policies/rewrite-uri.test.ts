import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Route } from "#model/snapshot.ts";
import { parseOperationTemplate } from "#notation/operation-template.ts";
import { policyFromXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, run, template } from "#policy/policy.test-helper.ts";

type Template = Parameters<typeof policy>[1];

function rewrite(args: Template, parameters: Record<string, string> = {}, query = "", operation = "/orders/{id}") {
  const exchange = exchangeFor([], { query });
  exchange.parameters = parameters;
  const parsed = parseOperationTemplate(operation);
  exchange.route = { template: operation, query: "query" in parsed ? parsed.query : [] } as unknown as Route;
  const outcome = run(policy("rewrite-uri", args), exchange);
  if (outcome?.kind === "refusal") return outcome.reason;
  return exchange.request.query === "" ? exchange.request.path : `${exchange.request.path}?${exchange.request.query}`;
}

describe("rewrite-uri", () => {
  it("fills placeholders in path and query", () => {
    assert.equal(rewrite({ template: "/v2/{id}/x?from={id}" }, { id: "7" }), "/v2/7/x?from=7");
  });

  it("copies the parameters that the template does not name, unless told not to", () => {
    assert.equal(rewrite({ template: "/put?a=1" }, {}, "a=9&c=d"), "/put?a=1&c=d");
    assert.equal(rewrite({ template: "/put", copyUnmatchedParams: false }, {}, "a=9&c=d"), "/put");
  });

  it("fills placeholders from the query where the path has no such parameter, and does not copy those", () => {
    assert.equal(rewrite({ template: "/put/{b}?x={a}" }, {}, "a=q%20r&b=1+2&c=d"), "/put/1%202?x=q%20r&c=d");
    assert.equal(rewrite({ template: "/put?x={id}" }, { id: "7" }, "id=8"), "/put?x=7&id=8");
    assert.equal(rewrite({ template: "/put/{b}" }, {}, "b=..%2Fadmin"), "expression-failed");
    assert.equal(rewrite({ template: "/put?x={b}" }, {}, "b=1%26admin=1"), "/put?x=1%26admin%3D1");
    assert.equal(rewrite({ template: "/put/{b}" }, {}, "b=%zz"), "expression-failed");
  });

  it("does not copy what the operation's own template has in the query", () => {
    const rewritten = (to: string, query: string): string =>
      rewrite({ template: to }, { b: "b" }, query, "/get?a={b}&v=1") as string;
    assert.equal(rewritten("/put", "a=b&v=1&c=d"), "/put?c=d");
    assert.equal(rewritten("/put?x={b}", "a=b&v=1"), "/put?x=b");
  });

  it("asks for the backend's URL itself where the template has no path", () => {
    assert.equal(rewrite({ template: "" }), "");
    assert.equal(rewrite({ template: "" }, {}, "a=1"), "?a=1");
    assert.equal(rewrite({ template: "?b=2", copyUnmatchedParams: false }, {}, "a=1"), "?b=2");
    const { args } = policyFromXml("inbound", '<rewrite-uri template="?b=2" />');
    assert.deepEqual(args["template"], { kind: "literal", value: "?b=2" });
    assert.equal(rewrite({ template: cel("'x'") }), "expression-failed");
  });

  it("keeps a value inside its segment", () => {
    assert.equal(rewrite({ template: "/v2/{id}" }, { id: "a b?c#d&e{f}" }), "/v2/a%20b%3Fc%23d%26e%7Bf%7D");
    assert.equal(rewrite({ template: "/v2?x={id}" }, { id: "1&admin=1" }), "/v2?x=1%26admin%3D1");
    assert.equal(rewrite({ template: "/v2/{id}" }, { id: "%2e%2e" }), "/v2/%252e%252e");
  });

  for (const id of ["..", ".", "a/b", "../admin", "a\\b", "..\\x", "a\u0000b"]) {
    it(`refuses the value ${JSON.stringify(id)}: it would leave its segment`, () => {
      assert.equal(rewrite({ template: "/v2/{id}/x" }, { id }), "expression-failed");
    });
  }

  it("refuses dots that only together make a dot-segment", () => {
    assert.equal(rewrite({ template: "/v2/.{id}" }, { id: "." }), "expression-failed");
  });

  it("lets a rest parameter be several segments, none of them dots", () => {
    assert.equal(rewrite({ template: "/f/{rest}" }, { rest: "a/b c" }, "", "/files/{*rest}"), "/f/a/b%20c");
    assert.equal(rewrite({ template: "/f/{rest}" }, { rest: "a/../b" }, "", "/files/{*rest}"), "expression-failed");
    assert.equal(rewrite({ template: "/f/{rest}" }, { rest: "a//b" }, "", "/files/{*rest}"), "expression-failed");
  });

  it("treats computed parts of a template as values", () => {
    const part = template("/v2/", 'request.query["x"]', "/end");
    assert.equal(rewrite({ template: part }, {}, "x=a%3Fb", "/"), "/v2/a%3Fb/end?x=a%3Fb");
    assert.equal(rewrite({ template: part }, {}, "x=..%2Fadmin", "/"), "expression-failed");
    assert.equal(rewrite({ template: part }, {}, "x=", "/"), "expression-failed");
  });

  it("checks a path that is wholly computed", () => {
    assert.equal(rewrite({ template: cel('"/v2/" + parameters["id"]') }, { id: "7" }), "/v2/7");
    assert.equal(rewrite({ template: cel('"/v2/" + parameters["id"]') }, { id: "../x" }), "expression-failed");
    assert.equal(rewrite({ template: cel('"/v2/%2e%2e/x"') }), "expression-failed");
    assert.equal(rewrite({ template: cel('"/v2/%zz"') }), "expression-failed");
    assert.equal(rewrite({ template: cel('"//evil.example/x"') }), "expression-failed");
    assert.equal(rewrite({ template: cel('"relative"') }), "expression-failed");
  });

  it("refuses a parameter that the operation lacks, inherited names too", () => {
    assert.equal(rewrite({ template: "/v2/{nope}" }, { id: "7" }), "expression-failed");
    assert.equal(rewrite({ template: "/v2/{constructor}" }, { id: "7" }), "expression-failed");
  });
});
