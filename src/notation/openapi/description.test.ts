import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import { readOpenApi } from "./operations.ts";

function read(document: object) {
  const problems = new Problems();
  const file = parseYaml("api.yaml", JSON.stringify(document), problems);
  const [operation] = file === null ? [] : readOpenApi(file, problems, true);
  return { description: operation?.description, found: problems.sorted().map(({ message }) => message) };
}

const order = {
  type: "object",
  description: "not for validating",
  properties: { id: { type: "string", pattern: "^o-" }, parent: { $ref: "#/components/schemas/Order" } },
};

function openApi(version: string, more: object = {}, schemas: object = { Order: order }): object {
  const json = { "application/json; charset=utf-8": { schema: { $ref: "#/components/schemas/Order" } } };
  return {
    openapi: version,
    paths: {
      "/{id}": {
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "integer" } }],
        post: {
          parameters: [
            { name: "tag", in: "query", schema: { type: "array", items: { type: "string" } } },
            { name: "csv", in: "query", explode: false, schema: { type: "array" } },
            { name: "X-Trace", in: "header", required: true },
          ],
          requestBody: { content: json },
          responses: {
            "200": { headers: { "X-Left": { required: true, schema: { type: "integer" } } }, content: json },
            default: {},
          },
          ...more,
        },
      },
    },
    components: { schemas },
  };
}

describe("what OpenAPI documents say of messages", () => {
  it("is read with all that it refers to, once", () => {
    const { description, found } = read(openApi("3.1.0"));
    assert.deepEqual(found, []);
    const schema = {
      $ref: "#/$defs/d0",
      $defs: {
        d0: {
          type: "object",
          properties: { id: { type: "string", allOf: [{ format: "pattern:^o-" }] }, parent: { $ref: "#/$defs/d0" } },
        },
      },
    };
    assert.deepEqual(description?.request, [{ type: "application/json", schema: { draft: "2020-12", schema } }]);
    assert.deepEqual(
      description?.parameters.map(({ name, place, required, list }) => [name, place, required, list]),
      [
        ["id", "path", true, "commas"],
        ["tag", "query", false, "repeated"],
        ["csv", "query", false, "commas"],
        ["X-Trace", "header", true, "commas"],
      ],
    );
    assert.deepEqual(
      description?.responses.map(({ status, headers }) => [status, headers.map(({ name }) => name)]),
      [
        ["200", ["X-Left"]],
        ["default", []],
      ],
    );
  });

  it("is OpenAPI 3.0's own kind of schema, too", () => {
    const schemas = { Order: { type: "string", nullable: true, enum: ["a"] } };
    const { description } = read(openApi("3.0.3", {}, schemas));
    const [body] = description?.request ?? [];
    assert.deepEqual(body?.schema, {
      draft: "4",
      schema: { $ref: "#/$defs/d0", $defs: { d0: { type: ["string", "null"], enum: ["a", null] } } },
    });
  });

  it("is refused where it cannot be held to", () => {
    for (const [schema, message] of [
      [{ pattern: "(?=a)b" }, /pattern that cannot be run/],
      [{ patternProperties: { "^a": {} } }, /patternProperties/],
      [{ $ref: "other.yaml#/a" }, /not in this document/],
      [{ $ref: "#/nowhere" }, /not in this document/],
    ] as const) {
      assert.match(read(openApi("3.1.0", {}, { Order: schema })).found.join(), message);
    }
  });
});
