import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const definition = (url: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  orders: { path: /orders, backend: up, access: public, policies: policies.xml }
  free: { path: /free, access: public, respond: { body: free } }
backends: { up: { url: "${url}" } }
schemas:
  order: { xml: order.xsd }
  types: { xml: types.xsd }
`;

const content = '<content type="application/xml" validate-as="xml" schema-id="order" action="prevent" />';
const validate = `<validate-content unspecified-content-type-action="prevent" max-size="2000000" size-exceeded-action="prevent" errors-variable-name="wrong">${content}</validate-content>`;
const policies = `<policies>
  <inbound><base />${validate}</inbound>
  <backend><base /></backend>
  <outbound><base />${validate}</outbound>
  <on-error><base /></on-error>
</policies>`;

const order = `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:include schemaLocation="types.xsd"/>
  <xs:element name="order"><xs:complexType><xs:sequence>
    <xs:element name="line" type="line" minOccurs="0" maxOccurs="unbounded"/>
    <xs:element name="code" type="code" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>`;
const types = (base: string): string => `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="line"><xs:restriction base="${base}"/></xs:simpleType>
  <xs:simpleType name="code"><xs:restriction base="xs:string"><xs:pattern value="(a|aa)*b"/></xs:restriction></xs:simpleType>
</xs:schema>`;

describe("bodies that are held to an XML Schema", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      response.setHeader("content-type", "application/xml");
      const answer = request.headers["x-answer"];
      if (answer === undefined) request.pipe(response);
      else response.end(answer);
    });
    gateway = await startTestGateway({
      definition: definition(upstream.url),
      files: { "policies.xml": policies, "order.xsd": order, "types.xsd": types("xs:integer") },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
  });

  const post = (body: string, headers: Record<string, string> = {}): Promise<TestResponse> =>
    call(gateway, "/orders", { method: "POST", headers: { "content-type": "application/xml", ...headers }, body });
  const reasonOf = async (answer: Promise<TestResponse>): Promise<readonly unknown[]> => {
    const refused = await answer;
    return [refused.status, refused.json()["reason"]];
  };
  const good = "<order><line>7</line></order>";

  it("pass when they fit, large ones too, and are refused with what is wrong", async () => {
    assert.equal((await post(good)).text, good);
    const large = `<order>${"<line>7</line>".repeat(20_000)}</order>`;
    assert.equal((await post(large)).text, large);
    const refused = await post("<order><line>secret</line></order>");
    assert.equal(refused.status, 400);
    assert.match(
      String(refused.json()["message"]),
      /Element 'line': The value is none of the type '?line'?\. Line: 1$/,
    );
    assert.match((await post("<order>")).text, /no well-formed XML/);
    const entities = '<!DOCTYPE order [<!ENTITY a "7">]><order><line>&a;</line></order>';
    assert.match((await post(entities)).text, /document type/);
  });

  it("are kept back when the response does not fit, without a word of it", async () => {
    const refused = await post(good, { "x-answer": "<order><line>secret</line></order>" });
    assert.deepEqual([refused.status, refused.json()["reason"]], [502, "response-not-valid"]);
    assert.doesNotMatch(refused.text, /secret/);
  });

  it("are stopped with their thread where they keep the reader busy, while others are served", async () => {
    const hostile = `<order><code>${"a".repeat(200)}</code></order>`;
    const stopped = Promise.all([1, 2].map(() => reasonOf(post(hostile))));
    let served = 0;
    let done = false;
    void stopped.finally(() => (done = true));
    while (!done) {
      assert.equal((await call(gateway, "/free")).text, "free");
      served += 1;
    }
    assert.deepEqual(
      await stopped,
      Array.from({ length: 2 }, () => [500, "policy-failed"]),
    );
    assert.ok(served > 1, "others were served meanwhile");
    assert.match(gateway.output(), /a transform was stopped with its thread/);
    assert.equal((await post(good)).text, good);
  });

  it("meet the schema of the definition that is in force", async () => {
    writeFileSync(join(gateway.folder, "types.xsd"), types("xs:date"));
    for (let tries = 0; (await post("<order><line>2026-02-03</line></order>")).status !== 200; tries += 1) {
      assert.ok(tries < 100, gateway.output());
      await sleep(50);
    }
    assert.deepEqual(await reasonOf(post(good)), [400, "request-not-valid"]);
  });
});
