import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

function definition(url: string): string {
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  liquid: { path: /liquid, backend: echo, access: public, policies: liquid.xml }
  yaml:
    path: /yaml
    backend: echo
    access: public
    policies:
      outbound: [base, { set-body: { template: liquid, body: "{{ body.n | Plus: 1 }} {{ context.Response.StatusCode }}" } }]
backends: { echo: { url: "${url}" } }
environments: { dev: { values: { greeting: "Dear" } } }
`;
}

/** API Management's own notation; what has no meaning for the gateway is Liquid's. */
const liquid = `<policies>
  <inbound>
    <base />
    <set-variable name="who" value="Ada" />
    <set-body template="liquid" xsi-nil="null"><letter>
      {%- for item in body.order.item %}<line>{{ item.sku | Upcase }} × {{item.qty}}</line>{% endfor -%}
      {{greeting}} {{ context.Variables["who"] }}{% if body.order.note == nil %}, no note{% endif %}</letter></set-body>
  </inbound>
  <backend><base /></backend>
  <outbound><base /></outbound>
  <on-error><base /></on-error>
</policies>`;

/** Policies that make other bodies of bodies, through the whole gateway and in both notations. */
describe("transforms", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      response.setHeader("content-type", request.headers["content-type"] ?? "text/plain");
      request.pipe(response);
    });
    const files = { "liquid.xml": liquid };
    gateway = await startTestGateway({
      definition: definition(upstream.url),
      files,
      args: ["--workers", "1", "--env", "dev"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
  });

  function post(path: string, type: string, body: string, headers: Record<string, string> = {}): Promise<TestResponse> {
    return call(gateway, path, { method: "POST", headers: { "content-type": type, ...headers }, body });
  }

  it("by Liquid, from XML and from JSON", async () => {
    const order = `<o:order xmlns:o="urn:o" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><o:item><o:sku>a</o:sku><o:qty>1</o:qty></o:item><o:item><o:sku>b</o:sku><o:qty>2</o:qty></o:item><o:note xsi:nil="true"/></o:order>`;
    const letter = await post("/liquid", "application/xml", order);
    assert.equal(letter.text, "<letter><line>A × 1</line><line>B × 2</line>Dear Ada, no note</letter>");
    assert.equal((await post("/yaml", "application/json", '{"n":41}')).text, "42 200");
    const failed = await post("/liquid", "application/xml", "<order>");
    assert.deepEqual([failed.status, failed.json()["reason"]], [500, "expression-failed"]);
  });
});
