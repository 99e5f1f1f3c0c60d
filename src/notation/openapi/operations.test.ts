import assert from "node:assert/strict";
import { it } from "node:test";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import { type DescribedOperation, readOpenApi } from "./operations.ts";

function read(text: string): { readonly operations: readonly DescribedOperation[]; readonly codes: readonly string[] } {
  const problems = new Problems();
  const file = parseYaml("api.yaml", text, problems);
  const operations = file === null ? [] : readOpenApi(file, problems);
  return { operations, codes: problems.sorted().map(({ code }) => code) };
}

it("reads JSON, names what has no name, and makes examples from schemas", () => {
  const { operations, codes } = read(
    JSON.stringify(
      {
        openapi: "3.0.3",
        paths: {
          "/orders/{id}": {
            get: {
              responses: { 200: { content: { "application/json": { schema: { $ref: "#/components/schemas/O" } } } } },
            },
          },
        },
        components: {
          schemas: { O: { properties: { id: { example: 1 }, next: { $ref: "#/components/schemas/O" } } } },
        },
      },
      null,
      "\t",
    ),
  );
  assert.deepEqual(codes, []);
  assert.equal(operations[0]?.name, "get-orders-id");
  const body: unknown = JSON.parse(operations[0]?.examples[0]?.body ?? "null");
  assert.equal((body as { next: { id: number } }).next.id, 1);
});

it("reads Swagger 2.0, with its own places for media types and examples", () => {
  const { operations, codes } = read(`
swagger: "2.0"
host: api.example.com
basePath: /base
produces: [application/json]
paths:
  /orders/{id}:
    parameters: [{ name: id, in: path, required: true, type: string }]
    get:
      operationId: getOrder
      responses:
        200: { description: ok, schema: { $ref: "#/definitions/Order" } }
        404: { description: none, examples: { text/plain: no such order } }
    delete: { produces: [text/plain], responses: { 200: { description: ok, schema: { type: string, example: gone } } } }
definitions:
  Order: { type: object, properties: { id: { type: integer, example: 7 } } }
`);
  assert.deepEqual(codes, []);
  assert.deepEqual(
    operations.map(({ name, method, template, examples }) => [name, method, template, examples]),
    [
      [
        "getOrder",
        "GET",
        "/orders/{id}",
        [
          { status: 200, contentType: "application/json", body: '{"id":7}' },
          { status: 404, contentType: "text/plain", body: "no such order" },
        ],
      ],
      ["delete-orders-id", "DELETE", "/orders/{id}", [{ status: 200, contentType: "text/plain", body: "gone" }]],
    ],
  );
});

it("stops at schemas that lead back to themselves everywhere", () => {
  const properties = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`p${i}`, { $ref: "#/s" }]));
  const response = { content: { "application/json": { schema: { $ref: "#/s" } } } };
  const { codes } = read(
    JSON.stringify({ openapi: "3.1.0", paths: { "/": { get: { responses: { 200: response } } } }, s: { properties } }),
  );
  assert.deepEqual(codes, []);
});

it("refuses what it cannot serve", () => {
  assert.deepEqual(read("swagger: '1.2'").codes, ["openapi-invalid"]);
  assert.deepEqual(read("openapi: 3.1.0\npaths: { /a: { $ref: 'other.yaml' } }").codes, ["openapi-invalid"]);
  assert.deepEqual(read("openapi: 3.1.0\npaths: { /a: { $ref: '#/paths/~1a' } }").codes, ["openapi-invalid"]);
  assert.deepEqual(read("openapi: 3.1.0\npaths: { '/{id}{type}': {} }").codes, ["template-invalid"]);
});
