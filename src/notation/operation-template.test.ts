import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseOperationTemplate, queryText } from "./operation-template.ts";

describe("an operation's template", () => {
  it("says what the query must have, with parameters and with text", () => {
    assert.deepEqual(parseOperationTemplate("/items/{id}?kind={kind}&%24v=a+b&flag"), {
      template: "/items/{id}",
      shape: '/items/{}?["$v","a b"]&["flag",""]&["kind",null]',
      query: [
        { key: "kind", parameter: "kind", text: null },
        { key: "$v", parameter: null, text: "a b" },
        { key: "flag", parameter: null, text: "" },
      ],
    });
    assert.deepEqual(parseOperationTemplate("/a?"), { template: "/a", shape: "/a", query: [] });
  });

  it("has one shape in whichever order it is written", () => {
    const shape = (text: string): unknown => Reflect.get(parseOperationTemplate(text), "shape");
    assert.equal(shape("/a?x={x}&y={z}"), shape("/a?y={y}&x={b}"));
    assert.notEqual(shape("/a?x={x}"), shape("/a?x=1"));
  });

  it("is written again as it was read", () => {
    for (const text of ["/a?kind={kind}&v=2", "/?soapAction=http%3A%2F%2Ftempuri.org%2FGet"]) {
      const parsed = parseOperationTemplate(text);
      assert.ok("query" in parsed);
      assert.equal(parsed.template + queryText(parsed.query), text);
    }
  });

  for (const text of [
    "/a?x={x}y",
    "/a?x={*x}",
    "/a?x=1&x=2",
    "/{x}?y={x}",
    "/a?x={y}&z={y}",
    "/a?={x}",
    "/a?{x}=1",
    "/a{?x}",
    "a?x=1",
    `/a?${Array.from({ length: 33 }, (_, at) => `p${at}={p${at}}`).join("&")}`,
  ]) {
    it(`is not ${text.slice(0, 40)}`, () => assert.ok("problem" in parseOperationTemplate(text)));
  }
});
