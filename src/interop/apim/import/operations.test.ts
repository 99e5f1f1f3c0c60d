import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readOperations } from "./operations.ts";

describe("readOperations", () => {
  it("uses a document whole when all of it can be served", () => {
    const { document, operations } = readOperations(
      "s.yaml",
      "swagger: '2.0'\npaths: { /a: { get: { operationId: a } } }",
    );
    assert.deepEqual([document, operations], [true, [{ name: "a", method: "GET", path: "/a" }]]);
  });

  it("writes the rest out when an operation cannot be served, and names it", () => {
    const text =
      "openapi: 3.0.1\npaths: { '/f/*': { get: { operationId: all } }, '/{a}{b}': { put: {} }, '/x/{a}': { get: {} }, '/x/{b}': { get: {} } }";
    const { document, operations, problems } = readOperations("s.yaml", text);
    assert.equal(document, false);
    assert.deepEqual(operations, [
      { name: "all", method: "GET", path: "/f/{*rest}" },
      { name: "get-x-a", method: "GET", path: "/x/{a}" },
    ]);
    assert.equal(problems.length, 2);
    assert.match(problems.join(), /PUT \/\{a\}\{b\}.*matches the same requests/s);
  });

  it("reads WADL", () => {
    const text = `<application xmlns="http://wadl.dev.java.net/2009/02"><resources base="https://x/"><resource path="/a">
      <method name="get" id="list" /><resource path="{id}/*"><method name="DELETE" /></resource></resource></resources></application>`;
    assert.deepEqual(readOperations("s.wadl", text).operations, [
      { name: "list", method: "GET", path: "/a" },
      { name: "delete-a-id-rest", method: "DELETE", path: "/a/{id}/{*rest}" },
    ]);
    assert.deepEqual(readOperations("s.wadl", "<application>").operations, []);
  });

  it("says why there are none", () => {
    assert.deepEqual(readOperations("s.yaml", "type: Query").problems, ["line 1: this is not an OpenAPI document"]);
  });
});
