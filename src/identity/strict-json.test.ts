import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseStrictJson, parseStrictObject } from "./strict-json.ts";

describe("strict JSON", () => {
  it("parses what JSON.parse parses", () => {
    for (const text of ['{"a":1,"b":[{"a":2},{"a":3}],"c":"{\\"a\\":1,\\"a\\":2}"}', "[]", '"x"', "1", "null", "{}"]) {
      assert.deepEqual(parseStrictJson(text), JSON.parse(text));
    }
  });

  it("refuses a name that comes twice, at any depth and however it is spelled", () => {
    for (const text of [
      '{"iss":"a","iss":"b"}',
      '{"iss":"a","\\u0069ss":"b"}',
      '{"a":{"b":1,"b":2}}',
      '{"a":[{"b":1,"b":2}]}',
      '{"a":{"x":1},"b":2,"a":3}',
      '{"a":[1,2],"a":[3]}',
      '{"":1,"":2}',
    ]) {
      assert.equal(parseStrictJson(text), undefined, text);
    }
  });

  it("lets the same name stand in different objects", () => {
    assert.deepEqual(parseStrictJson('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}'), {
      a: { a: { a: 1 } },
      b: [{ a: 1 }, { a: 1 }],
    });
  });

  it("refuses what is not JSON, and a name that would reach a prototype", () => {
    for (const text of ["", "{", '{"a":1}x', "{'a':1}", '{"a":1,}', '\uFEFF{"a":1}', '{"__proto__":{}}']) {
      assert.equal(parseStrictJson(text), undefined, text);
    }
  });

  it("bounds the depth without recursion", () => {
    assert.notEqual(parseStrictJson(`${"[".repeat(32)}${"]".repeat(32)}`), undefined);
    assert.equal(parseStrictJson(`${"[".repeat(33)}${"]".repeat(33)}`), undefined);
    assert.equal(parseStrictJson(`${"[".repeat(8000)}${"]".repeat(8000)}`), undefined);
  });

  it("takes an object only where one is due", () => {
    assert.deepEqual(parseStrictObject('{"a":1}'), { a: 1 });
    for (const text of ["[]", "null", "1", '"x"']) assert.equal(parseStrictObject(text), undefined);
  });
});
