import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkQuery } from "#policy/odata/query.ts";
import { exchangeFor, policy, run } from "#policy/policy.test-helper.ts";

interface Sent {
  readonly path?: string;
  readonly query?: string;
  readonly headers?: string[];
  readonly body?: string;
}

function result(sent: Sent, args: Parameters<typeof policy>[1] = {}): string {
  const { path = "/Orders", query = "", headers = [], body } = sent;
  const exchange = exchangeFor(headers, { path, query });
  if (body !== undefined) exchange.request.body = Buffer.from(body);
  const outcome = run(policy("validate-odata-request", { errorVariable: "errors", ...args }), exchange);
  if (outcome === undefined) return "passed";
  assert.ok(outcome.kind === "refusal" && outcome.reason === "request-not-valid");
  assert.ok(Array.isArray(exchange.variables?.get("errors")));
  return outcome.message ?? "";
}

const option = (name: string, value: string): string => result({ query: `${name}=${encodeURIComponent(value)}` });

describe("validate-odata-request", () => {
  for (const [name, value] of [
    ["$filter", "Price gt 10 and not contains(Name,'O''Neil / (x)')"],
    ["$filter", "Address/City eq 'Oslo' or (Stock add 5) mul 2 le -3.5e2"],
    ["$filter", "Items/any(d:d/Quantity gt 100) and Tags/all(t:startswith(t,'a')) and Items/any()"],
    ["$filter", "Id eq 0f8fad5b-d9cb-469f-a165-70867728950e and At ge 2026-01-02T03:04:05.123Z"],
    ["$filter", "Color has Sales.Color'Yellow' and Kind in ('a','b') and Id in [1,2]"],
    ["$filter", "isof(NS.Manager) and cast(A,Edm.String) ne null and @p eq duration'PT1H'"],
    ["$filter", "$it/Price sub 1 gt $root/Prices(1)/Value and NS.Fn(a=1,b=@x)/C eq true"],
    ["$filter", "not"],
    ["$filter", "not not (a eq 1)"],
    ["$orderby", "Rating desc, length(Name) asc,Price"],
    ["$select", "Name,Address/City,NS.*,*,Items($top=1;$select=Id)"],
    ["$expand", "Items($filter=Price gt 5;$orderby=Id;$expand=Product($select=Id;$levels=max);$count=true),*/$ref"],
    ["$expand", "Orders/$count($search=red)"],
    ["$compute", "Price mul Quantity as Total,1 add 2 as Three"],
    ["$search", '"mountain bike" AND NOT (clothing OR red) 2026'],
    ["$apply", "filter(Amount gt 1)/aggregate(Amount with sum as Total)"],
    ["$top", "10"],
    ["$skip", "0"],
    ["$count", "true"],
    ["$format", "application/json;odata.metadata=full"],
    ["$skiptoken", "x$y(("],
    ["@p", "{\"a\":[1,'x']}"],
    ["custom", "what$ever(("],
  ] as const) {
    it(`takes ${name}=${value}`, () => assert.equal(option(name, value), "passed"));
  }

  for (const [name, value] of [
    ["$filter", ""],
    ["$filter", "Price gt"],
    ["$filter", "Price gt 10 and"],
    ["$filter", "Price 10"],
    ["$filter", "(Price gt 10"],
    ["$filter", "Price gt 10)"],
    ["$filter", "Name eq 'O'Neil'"],
    ["$filter", "Name eq 'open"],
    ["$filter", "Price gt 10; drop"],
    ["$filter", "Price gt 1x2"],
    ["$filter", "Id eq 2026-1-1"],
    ["$filter", "$top eq 1"],
    ["$filter", "a eq 1 # b"],
    ["$orderby", "Rating up"],
    ["$orderby", ",a"],
    ["$select", "a b"],
    ["$expand", "Items($nothing=1)"],
    ["$expand", "Items($filter=)"],
    ["$compute", "a mul 2"],
    ["$search", "AND"],
    ["$search", "(a"],
    ["$apply", "filter(a"],
    ["$top", "-1"],
    ["$top", "many"],
    ["$skip", "1.5"],
    ["$count", "maybe"],
    ["$nothing", "1"],
    ["@p", "1 eq"],
  ] as const) {
    it(`refuses ${name}=${value}`, () => assert.match(option(name, value), /^The query option .* is not valid: /));
  }

  it("refuses options that are there twice, also in another case, and what is not well encoded", () => {
    assert.match(result({ query: "$top=1&%24top=2" }), /more than once/);
    assert.match(result({ query: "$top=1&$TOP=2" }), /more than once/);
    assert.match(result({ query: "$filter=%zz" }), /not well encoded/);
    assert.equal(result({ query: "a=1&a=2&$filter=a+eq+1" }), "passed");
  });

  it("looks at options without their dollar where the version takes them so", () => {
    const sent = { query: "filter=a%20eq", headers: ["OData-Version", "4.01"] };
    assert.match(result(sent), /The query option filter is not valid/);
    assert.equal(result({ ...sent, headers: [] }), "passed");
    assert.match(result({ ...sent, headers: [] }, { defaultOdataVersion: "4.01" }), /filter is not valid/);
  });

  for (const path of [
    "",
    "/",
    "/$metadata",
    "/Orders(1)/Items",
    "/Orders(a='x',b=2)/$count",
    "/Orders/17",
    "/Orders/",
  ]) {
    it(`takes the path ${path}`, () => assert.equal(result({ path }), "passed"));
  }
  for (const path of ["/People('O''Neil%2Fx')/NS.Fn(a=1)(2)/$value", "/$crossjoin(A,B)", "/$entity", "/$batch"]) {
    it(`takes the path ${path}`, () => assert.equal(result({ path }), "passed"));
  }
  for (const path of [
    "/Orders(1",
    "/Orders('x)",
    "/$nothing",
    "/$query",
    "/Orders//Items",
    "/Orders(%zz)",
    "/Orders(1)x",
  ]) {
    it(`refuses the path ${path}`, () => assert.match(result({ path }), /^The URL is not valid: /));
  }

  it("holds versions to the range, and to what versions there are", () => {
    const range = { minOdataVersion: "4.0", maxOdataVersion: "4.0" };
    const version = (text: string): string => result({ headers: ["OData-Version", text] }, range);
    assert.equal(version("4.0"), "passed");
    assert.match(version("3.0"), /not taken here/);
    assert.match(version("4.01"), /not taken here/);
    assert.match(version("4"), /no version of OData/);
    assert.match(version("4.0, 4.01"), /no version of OData/);
    assert.equal(result({}, range), "passed");
    assert.match(result({ headers: ["OData-MaxVersion", "x"] }), /OData-MaxVersion is no version/);
  });

  it("holds bodies to their size", () => {
    assert.equal(result({ body: "12345" }, { maxSize: 5 }), "passed");
    assert.match(result({ body: "123456" }, { maxSize: 5 }), /6 bytes long and it exceeds the limit of 5 bytes/);
  });

  it("takes time in the length of the query alone, however it is nested", () => {
    for (const value of ["(".repeat(60_000), `${"not ".repeat(15_000)})`, "a/".repeat(30_000), "'".repeat(60_001)]) {
      const began = performance.now();
      assert.equal(checkQuery(`$filter=${value}`, false).length, 1);
      assert.ok(performance.now() - began < 5000);
    }
    const deep = `${"A($expand=".repeat(100)}B${")".repeat(100)}`;
    assert.match(checkQuery(`$expand=${deep}`, false)[0]?.problem ?? "", /nested too deeply/);
  });
});
