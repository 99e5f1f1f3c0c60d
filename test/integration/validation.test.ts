import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const openapi = `openapi: 3.0.3
info: { title: Orders, version: "1" }
paths:
  /{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    put:
      operationId: putOrder
      parameters: [{ name: dry, in: query, schema: { type: boolean } }]
      requestBody: { content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
      responses:
        "200": { headers: { X-Left: { schema: { type: integer } } }, content: { application/json: { schema: { $ref: "#/components/schemas/Order" } } } }
components:
  schemas:
    Order:
      type: object
      required: [sku]
      properties: { sku: { type: string, pattern: "^[A-Z]+$" }, note: { type: string, nullable: true }, part: { $ref: "#/components/schemas/Order" } }
`;

const policies = `<policies>
  <inbound><base />
    <validate-parameters specified-parameter-action="prevent" unspecified-parameter-action="prevent" errors-variable-name="wrong">
      <headers specified-parameter-action="detect" unspecified-parameter-action="ignore" />
    </validate-parameters>
    <validate-content unspecified-content-type-action="prevent" max-size="200" size-exceeded-action="prevent" errors-variable-name="bodyErrors">
      <content type="application/json" validate-as="json" action="prevent" />
    </validate-content>
  </inbound>
  <backend><base /></backend>
  <outbound><base />
    <validate-status-code unspecified-status-code-action="prevent" errors-variable-name="status" />
    <validate-headers specified-header-action="prevent" unspecified-header-action="ignore" />
    <validate-content unspecified-content-type-action="prevent" max-size="1024" size-exceeded-action="prevent">
      <content type="application/json" validate-as="json" action="prevent" allow-additional-properties="false" />
    </validate-content>
  </outbound>
  <on-error><base /></on-error>
</policies>`;

describe("messages that are held to the API's OpenAPI document", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let answer: { status: number; body: string; left: string } = { status: 200, body: "", left: "1" };

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.writeHead(answer.status, { "content-type": "application/json", "x-left": answer.left }).end(answer.body);
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis: { orders: { path: /orders, backend: up, access: public, openapi: openapi.yaml, policies: policies.xml } }
backends: { up: { url: "${upstream.url}" } }
`,
      files: { "openapi.yaml": openapi, "policies.xml": policies },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
  });

  const put = (path: string, body: object | string, type = "application/json"): Promise<TestResponse> =>
    call(gateway, path, {
      method: "PUT",
      headers: { "content-type": type },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  const good = { sku: "A", note: null, part: { sku: "B" } };

  it("pass when they fit, with references and null", async () => {
    answer = { status: 200, body: JSON.stringify(good), left: "1" };
    assert.equal((await put("/orders/7?dry=true", good)).status, 200);
  });

  it("are refused with what is wrong with the request", async () => {
    for (const [path, body, type, message] of [
      ["/orders/seven", good, "application/json", /path parameter id/],
      ["/orders/7?dry=maybe", good, "application/json", /query parameter dry/],
      ["/orders/7?other=1", good, "application/json", /Unspecified query parameter other/],
      ["/orders/7", { sku: "a" }, "application/json", /does not conform/],
      ["/orders/7", { sku: "A", part: {} }, "application/json", /does not conform/],
      ["/orders/7", "{", "application/json", /no JSON/],
      ["/orders/7", good, "text/plain", /Unspecified content type text\/plain/],
      ["/orders/7", { sku: "A".repeat(300) }, "application/json", /exceeds the limit of 200 bytes/],
    ] as const) {
      const refused = await put(path, body, type);
      assert.deepEqual([refused.status, refused.json()["reason"]], [400, "request-not-valid"], path);
      assert.match(String(refused.json()["message"]), message);
    }
  });

  it("are kept back when the response does not fit, without a word of it", async () => {
    for (const wrong of [
      { status: 201, body: JSON.stringify(good), left: "1" },
      { status: 200, body: JSON.stringify(good), left: "secret" },
      { status: 200, body: '{"sku":"A","secret":1}', left: "1" },
      { status: 200, body: "secret", left: "1" },
    ]) {
      answer = wrong;
      const refused = await put("/orders/7", good);
      assert.deepEqual([refused.status, refused.json()["reason"]], [502, "response-not-valid"]);
      assert.doesNotMatch(refused.text, /secret/);
    }
  });
});
