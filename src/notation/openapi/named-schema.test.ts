import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Problems } from "#notation/problems.ts";
import { parseYaml } from "#notation/yaml/parse.ts";
import { readNamedSchemas } from "./named-schema.ts";

function read(document: object, pointers: readonly string[] = [""]) {
  const problems = new Problems();
  const file = parseYaml("s.json", JSON.stringify(document), problems);
  assert.ok(file);
  const found = readNamedSchemas(file, problems, pointers);
  return { found, codes: problems.sorted().map(({ code, message }) => `${code}: ${message}`) };
}

describe("schemas by name", () => {
  it("are read by their draft, whole and in parts", () => {
    const $schema = "http://json-schema.org/draft-07/schema#";
    const { found, codes } = read({ $schema, type: "object", definitions: { a: { type: "string" } } }, [
      "",
      "#/definitions/a",
    ]);
    assert.deepEqual(codes, []);
    assert.deepEqual(found.get("#/definitions/a"), { draft: "7", schema: { type: "string" } });
    assert.equal(found.get("")?.schema["type"], "object");
    assert.equal(read({}).found.get("")?.draft, "2020-12");
  });

  it("can refer to themselves", () => {
    const { found } = read({ properties: { next: { $ref: "#" } } });
    assert.deepEqual(found.get("")?.schema, {
      properties: { next: { $ref: "#/$defs/d0" } },
      $defs: { d0: { properties: { next: { $ref: "#/$defs/d0" } } } },
    });
  });

  it("count what stands beside a reference, where their draft does", () => {
    const schema = { $ref: "#/$defs/a", minLength: 2, $defs: { a: { type: "string" } } };
    const all = (read(schema).found.get("")?.schema["allOf"] ?? []) as readonly { minLength?: number }[];
    assert.deepEqual(all[0], { $ref: "#/$defs/d0" });
    assert.equal(all[1]?.minLength, 2);
  });

  it("are parts of an OpenAPI document", () => {
    const document = {
      openapi: "3.0.3",
      components: { schemas: { a: { type: "string", nullable: true } } },
    };
    assert.deepEqual(read(document, ["#/components/schemas/a"]).found.get("#/components/schemas/a"), {
      draft: "4",
      schema: { type: ["string", "null"] },
    });
  });

  it("are refused where they could not be held to", () => {
    const refused: readonly (readonly [object, RegExp])[] = [
      [{ $schema: "https://example.com/mine" }, /schema-invalid: .* is no draft that is known/],
      [{ $ref: "other.json" }, /schema-invalid: .*refers to what is not in this document/],
      [{ $ref: "#anchor" }, /schema-invalid/],
      [{ items: { $dynamicRef: "#x" } }, /schema-invalid: .*\$dynamicRef/],
      [{ pattern: "(?=a)" }, /schema-invalid: .*linear time/],
    ];
    for (const [schema, message] of refused) {
      const { found, codes } = read(schema);
      assert.equal(found.size, 0);
      assert.match(codes.join("\n"), message);
    }
    assert.match(read({}, ["#/$defs/x"]).codes.join("\n"), /schema-invalid: #\/\$defs\/x does not exist/);
  });
});
