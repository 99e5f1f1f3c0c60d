import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

async function problemsOf(graphql: string, rules: string, schema = "type Query { a: Int }\n"): Promise<string> {
  const text = `version: 1
apis:
  a:
    path: /a
    backend: b
    access: public
    ${graphql}
    policies: { inbound: [{ validate-graphql-request: { maxSize: 1KiB, authorize: [${rules}] } }] }
backends: { b: { url: "http://127.0.0.1:1" } }
`;
  const { diagnostics } = await loadText(text, { files: { "a.graphql": schema } });
  return diagnostics.map(({ code, message, at }) => `${at.line} ${code}: ${message}`).join("; ");
}

describe("GraphQL schemas of APIs", () => {
  const type = "{ path: /User/email, action: reject }";
  const top = "{ path: /__*, action: reject }, { path: /Mutation/x, action: reject }, { path: /y }";

  it("are needed by rules for types alone", async () => {
    assert.equal(await problemsOf("", top), "");
    assert.match(await problemsOf("", type), /^3 key-missing: .*a has no schema that tells them/);
    assert.equal(await problemsOf("graphql: ./a.graphql", type), "");
  });

  it("are schemas, or the place is told where they are none", async () => {
    const broken = await problemsOf("graphql: ./a.graphql", top, "type Query {\n  a Int\n}\n");
    assert.match(broken, /^2 graphql-invalid: this is no GraphQL schema: Syntax Error/);
    assert.match(await problemsOf("graphql: ./a.graphql", top, "type A { b: C }"), /graphql-invalid/);
    assert.match(await problemsOf("graphql: ./other.graphql", top), /file-unreadable/);
  });

  it("are what paths of rules are written for", async () => {
    assert.match(await problemsOf("", "{ path: User/email }"), /is not \/Type\/field/);
    assert.match(await problemsOf("", "{ path: /a/b/c }"), /is not \/Type\/field/);
  });
});
