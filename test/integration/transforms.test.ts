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
  json: { path: /json, backend: echo, access: public, policies: { outbound: [base, { xml-to-json: { kind: direct, apply: content-type-xml } }] } }
  xml: { path: /xml, backend: echo, access: public, policies: xml.xml }
  links:
    path: /links
    backend: echo
    access: public
    policies: { outbound: [base, redirect-content-urls, { jsonp: { callbackParameter: cb } }] }
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

const xml = `<policies>
  <inbound><base /><json-to-xml apply="always" consider-accept-header="false" parse-date="false" attribute-block-name="attrs" /></inbound>
  <backend><base /></backend>
  <outbound><base /><xml-to-json kind="javascript-friendly" apply="always" consider-accept-header="false" always-array-child-elements="true" /></outbound>
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
    const files = { "liquid.xml": liquid, "xml.xml": xml };
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

  it("from XML to JSON where the client asks for it, and from JSON to XML and back", async () => {
    const wanted = await post("/json", "text/xml", "<a><b>1</b><b/></a>", { accept: "application/json" });
    assert.deepEqual(
      [wanted.text, wanted.headers["content-type"]],
      ['{"a":{"b":["1",null]}}', "application/json; charset=utf-8"],
    );
    assert.equal((await post("/json", "text/xml", "<a/>")).text, "<a/>");
    const there = await post("/xml", "application/json", '{"order":{"attrs":{"id":7},"line":["a","b"]}}');
    assert.deepEqual(there.json(), { order: { id: "7", line: ["a", "b"] } });
  });

  it("a large document, while others are served", async () => {
    const large = `<a>${'<b c="1">text</b>'.repeat(60_000)}</a>`;
    const converting = post("/json", "text/xml", large, { accept: "application/json" });
    const times: number[] = [];
    let done = false;
    void converting.finally(() => (done = true));
    while (!done) {
      const started = performance.now();
      await post("/yaml", "application/json", '{"n":1}');
      times.push(performance.now() - started);
    }
    const converted = await converting;
    assert.equal(converted.status, 200);
    const texts = { "@c": "1", "#text": "text" };
    assert.deepEqual(JSON.parse(converted.text), { a: { b: Array.from({ length: 60_000 }, () => texts) } });
    assert.ok(times.length > 1, "others were served meanwhile");
  });

  it("a large document that is none, as a small one", async () => {
    const large = `<a>${"<b/>".repeat(60_000)}`;
    const failed = await post("/json", "text/xml", large, { accept: "application/json" });
    assert.deepEqual([failed.status, failed.json()["reason"]], [500, "expression-failed"]);
  });

  it("links to the backend, and JSON into a script", async () => {
    const links = await post("/links?cb=show", "application/json", `{"next":"${upstream.url}/links/2"}`);
    assert.equal(links.text, `show({"next":"https://localhost:${gateway.port}/links/links/2"});`);
    assert.equal(links.headers["x-content-type-options"], "nosniff");
    const refused = await post("/links?cb=1;alert(1)", "application/json", "{}");
    assert.deepEqual([refused.status, refused.json()["reason"]], [400, "callback-invalid"]);
  });
});
