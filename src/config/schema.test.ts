import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { parse } from "yaml";
import { supportedPolicies } from "#notation/catalogue/catalogue.ts";
import { schemaProblem } from "./json-schema.test-helper.ts";
import { generateSchema } from "./schema.ts";

const root = join(import.meta.dirname, "..", "..");
const schema = generateSchema() as Record<string, unknown>;

it("is the one that is published", () => {
  const published = readFileSync(join(root, "schema", "sallyport.schema.json"), "utf8");
  assert.deepEqual(JSON.parse(published), schema, "run npm run schema");
});

it("accepts the quick start", () => {
  assert.equal(schemaProblem(schema, parse(readFileSync(join(root, "demo", "sallyport.yaml"), "utf8"))), undefined);
});

it("accepts the example of every policy", () => {
  const item = { ...schema, $ref: "#/$defs/sequence-inner", type: "array", properties: {}, required: [] };
  for (const { name, example } of supportedPolicies) {
    if (name !== "base") assert.equal(schemaProblem(item, [parse(example)]), undefined, name);
  }
});

it("refuses what the reader refuses", () => {
  const refused = [
    "{}",
    "version: 2",
    "{ version: 1, edges: {} }",
    "{ version: 1, apis: { a: { access: public } } }",
    "{ version: 1, apis: { a: { path: /a, access: [] } } }",
    "{ version: 1, audit: { flush: 5 } }",
    "{ version: 1, subscriptions: { s: { key: plain } } }",
    "{ version: 1, policies: { inbound: [{ quota: { calls: 1, period: 1h } }] } }",
    "{ version: 1, policies: { inbound: [{ set-header: { nme: x } }] } }",
  ];
  for (const text of refused) assert.notEqual(schemaProblem(schema, parse(text)), undefined, text);
});
