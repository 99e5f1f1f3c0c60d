import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { catalogue } from "#notation/catalogue/catalogue.ts";
import { NamedValues } from "#notation/named-values.ts";
import { Problems } from "#notation/problems.ts";
import { readXmlPolicies } from "./policies.ts";
import { scanXml } from "./scan.ts";

function problemsOf(text: string): readonly string[] {
  const problems = new Problems();
  const document = scanXml("resolver.xml", text, problems);
  assert.ok(document);
  const values = new NamedValues(new Map());
  const reading = { problems, catalogue, values, checkCsharp: () => undefined, onArgument: () => undefined };
  readXmlPolicies({ ...reading, fragments: null, open: true }, document, null);
  return problems.sorted().map(({ code, message }) => `${code}: ${message}`);
}

describe("documents of GraphQL resolvers", () => {
  for (const name of ["http-data-source", "sql-data-source", "cosmosdb-data-source"]) {
    const told = [`policy-unsupported: ${name} belongs to a GraphQL resolver, and resolvers are not supported`];
    it(`are told what they are: ${name}`, () => {
      assert.deepEqual(problemsOf(`<${name}><http-request /></${name}>`), told);
      assert.deepEqual(problemsOf(`<policies><inbound><${name} /></inbound></policies>`), told);
    });
  }
});
