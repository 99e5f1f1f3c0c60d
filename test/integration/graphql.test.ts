import assert from "node:assert/strict";
import { buildSchema, graphql } from "graphql";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const schema = `
type Query { me: User, actor: Actor }
interface Actor { email: String }
type User implements Actor { name: String, email: String }
`;

const policyXml = `<policies>
    <inbound>
        <base />
        <validate-graphql-request error-variable-name="errors" max-size="10240" max-depth="4">
            <authorize>
                <rule path="/__*" action="reject" />
                <rule path="/User/email" action="@(context.Request.Headers.ContainsKey("X-Staff") ? "allow" : "remove")" />
            </authorize>
        </validate-graphql-request>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
`;

/** The whole gateway before a real GraphQL server: what goes on is what that can run. */
describe("GraphQL", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    const served = buildSchema(schema);
    const user = { __typename: "User", name: "Ada", email: "ada@example.com" };
    upstream = await startUpstream(async (request, response) => {
      const url = new URL(request.url ?? "", "http://upstream");
      const body = await text(request);
      const { query, variables } =
        body === ""
          ? { query: url.searchParams.get("query") ?? "", variables: {} }
          : (JSON.parse(body) as { query: string; variables?: Record<string, unknown> });
      const rootValue = { me: user, actor: user };
      const result = await graphql({ schema: served, source: query, variableValues: variables ?? {}, rootValue });
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(result));
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  shop: { path: /graphql, backend: up, graphql: ./shop.graphql, access: public, policies: ./policy.xml }
backends: { up: { url: "${upstream.url}" } }
`,
      files: { "policy.xml": policyXml, "shop.graphql": schema },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  const ask = async (query: string, headers: Record<string, string> = {}): Promise<unknown> => {
    const body = JSON.stringify({ query, variables: { yes: true } });
    const answer = await call(gateway, "/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    return answer.json();
  };

  it("is answered, with what the caller may not see taken out", async () => {
    const query = "query Q($yes: Boolean!) { me { name ...F } } fragment F on User { email @include(if: $yes) }";
    assert.deepEqual(await ask(query, { "x-staff": "1" }), { data: { me: { name: "Ada", email: "ada@example.com" } } });
    assert.deepEqual(await ask(query), { data: { me: { name: "Ada", __typename: "User" } } });
    assert.deepEqual(await ask("{ actor { email } }"), { data: { actor: { __typename: "User" } } });
  });

  it("is answered by GET", async () => {
    const answer = await call(gateway, `/graphql?query=${encodeURIComponent("{ me { name email } }")}`);
    assert.deepEqual(answer.json(), { data: { me: { name: "Ada" } } });
  });

  it("is refused where the schema, the depth or a rule says so, and asks the server nothing", async () => {
    const seen = upstream.seen.length;
    for (const query of ["{ nothing }", "{ __schema { types { name } } }", "{ me {"]) {
      const { errors, data } = (await ask(query)) as { errors: unknown[]; data?: unknown };
      assert.deepEqual([errors.length, data], [1, undefined], query);
    }
    assert.equal(upstream.seen.length, seen);
  });
});
