import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

const document = JSON.stringify({
  openapi: "3.1.0",
  paths: {
    "/items/{id}": {
      parameters: [
        { name: "kind", in: "query", required: true },
        { name: "page", in: "query", required: true },
      ],
      get: {
        operationId: "get",
        parameters: [
          { name: "page", in: "query" },
          { name: "id", in: "query", required: true },
          { $ref: "#/components/parameters/sort" },
        ],
      },
    },
    "/items?v=2": { get: { operationId: "list", parameters: [{ name: "v", in: "query", required: true }] } },
  },
  components: { parameters: { sort: { name: "sort", in: "query", required: true } } },
});

async function rules(settings: string): Promise<readonly unknown[]> {
  const text = `version: 1\napis: { o: { path: /o, access: public, respond: { body: x }, ${settings} } }`;
  const { definition, diagnostics } = await loadText(text, { files: { "o.json": document } });
  if (diagnostics.length > 0) return diagnostics.map(({ code, message }) => `${code}: ${message}`);
  return (definition?.apis[0]?.operations ?? []).map(({ name, template, query }) => [name, template, query]);
}

describe("what a query must have for an operation to be meant", () => {
  it("is what its path says, in a definition and in an OpenAPI document", async () => {
    const list = ["list", "/items", [{ key: "v", parameter: null, text: "2" }]];
    assert.deepEqual(await rules("openapi: o.json"), [["get", "/items/{id}", undefined], list]);
    assert.deepEqual(await rules("operations: { list: { method: GET, path: '/items?v=2' } }"), [list]);
  });

  it("is also what the document requires, where the API says so", async () => {
    const parameter = (key: string): unknown => ({ key, parameter: key, text: null });
    assert.deepEqual(await rules("openapi: o.json, matchQuery: required"), [
      ["get", "/items/{id}", [parameter("kind"), parameter("sort")]],
      ["list", "/items", [{ key: "v", parameter: null, text: "2" }]],
    ]);
  });

  it("tells operations apart, and cannot be the same twice", async () => {
    const two = (a: string, b: string): string =>
      `operations: { a: { method: GET, path: '${a}' }, b: { method: GET, path: '${b}' } }`;
    assert.equal((await rules(two("/i?x={x}", "/i?x=1"))).length, 2);
    assert.match(
      String(await rules(two("/i?x={x}&z=1", "/i?z=1&x={y}"))),
      /^operation-duplicate: b and a match the same/,
    );
    assert.match(String(await rules(two("/i?x={x}y", "/i"))), /^value-invalid: .*name={name} or name=text/);
  });
});
