import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startSidecar, type TestSidecar } from "#test/support/dapr.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const policyXml = `<policies>
    <inbound>
        <base />
        <choose>
            <when condition="@(context.Request.Method == "PUT")">
                <set-backend-service backend-id="dapr" dapr-app-id="echo" dapr-method="@("v2/" + context.Request.MatchedParameters["what"])" dapr-namespace="shop" />
            </when>
            <when condition="@(context.Request.MatchedParameters["what"] == "liquid")">
                <publish-to-dapr topic="broker/orders/new" template="Liquid" content-type="application/json" response-variable-name="answer">{"number": {{body.number}}, "who": "{{context.Request.MatchedParameters.what}}"}</publish-to-dapr>
                <return-response response-variable-name="answer" />
            </when>
            <when condition="@(context.Request.MatchedParameters["what"] == "bind")">
                <invoke-dapr-binding name="mail" operation="create" response-variable-name="answer" timeout="30" content-type="application/json">
                    <metadata>
                        <item key="source">gateway</item>
                        <item key="length">@(context.Request.Body.As<string>(true).Length)</item>
                    </metadata>
                    <data>@(context.Request.Body.As<string>())</data>
                </invoke-dapr-binding>
                <return-response response-variable-name="answer" />
            </when>
            <otherwise>
                <publish-to-dapr pubsub-name="nowhere" topic="orders" response-variable-name="answer">hello</publish-to-dapr>
                <return-response />
            </otherwise>
        </choose>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error>
        <base />
        <return-response response-variable-name="answer"><set-header name="X-Reason" exists-action="override"><value>@(context.LastError.Source)</value></set-header></return-response>
    </on-error>
</policies>
`;

/** The whole gateway beside a sidecar, in both notations. */
describe("Dapr", () => {
  let sidecar: TestSidecar;
  let gateway: TestGateway;
  before(async () => {
    sidecar = await startSidecar();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
dapr: { url: "${sidecar.url}/" }
apis:
  xml:
    path: /xml
    backend: none
    access: public
    policies: ./xml.policy.xml
    operations: { any: { method: "*", path: "/{what}" } }
  yaml:
    path: /yaml
    backend: none
    access: public
    operations: { any: { method: "*", path: "/{*rest}" } }
    policies:
      inbound:
        - choose:
            when:
              - condition: request.method == "POST"
                policies:
                  - invoke-dapr-binding: { name: "\${request.headers['x-binding']}", data: "text", ignoreError: true, responseVariable: answer }
                  - return-response: { body: "\${string(variables.answer.status)}" }
            otherwise:
              - set-backend-service: { backendId: dapr, daprAppId: "\${request.headers['x-app']}", daprMethod: a/b }
backends: { none: { url: "http://127.0.0.1:9" } }
`,
      files: { "xml.policy.xml": policyXml },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await sidecar.close();
  });

  const last = () => sidecar.seen.at(-1);

  it("gets messages for a topic, made by a template", async () => {
    const answer = await call(gateway, "/xml/liquid", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"number":7}',
    });
    assert.equal(answer.status, 204);
    assert.deepEqual(last(), {
      method: "POST",
      url: "/v1.0/publish/broker/orders/new",
      contentType: "application/json",
      body: '{"number": 7, "who": "liquid"}',
    });
  });

  it("gets calls of bindings, with JSON as it was written", async () => {
    const body = '{ "big": 12345678901234567890, "one": 1.0 }';
    const answer = await call(gateway, "/xml/bind", { method: "POST", body });
    assert.deepEqual([answer.status, answer.json()], [200, { sent: true }]);
    assert.deepEqual(last(), {
      method: "POST",
      url: "/v1.0/bindings/mail",
      contentType: "application/json",
      body: `{"operation":"create","metadata":{"source":"gateway","length":"${body.length}"},"data":${body}}`,
    });
  });

  it("gets requests for an application, whose method takes the place of their path", async () => {
    const answer = await call(gateway, "/xml/items?q=1", { method: "PUT", body: "x" });
    assert.deepEqual(answer.json(), { echo: "/v1.0/invoke/echo.shop/method/v2/items?q=1" });
    assert.equal(last()?.body, "x");
  });

  it("fails the request where it refuses, and on-error has its answer", async () => {
    const answer = await call(gateway, "/xml/else", { method: "POST" });
    assert.deepEqual([answer.status, answer.json()["errorCode"]], [404, "ERR_PUBSUB_NOT_FOUND"]);
    assert.equal(answer.headers["x-reason"], "publish-to-dapr");
  });

  it("may refuse where errors are to be ignored", async () => {
    const answer = await call(gateway, "/yaml/x", { method: "POST", headers: { "x-binding": "other" } });
    assert.deepEqual([answer.status, answer.text], [200, "500"]);
    assert.equal(last()?.body, '{"data":"text"}');
  });

  it("is asked for nothing else, whatever a client sends", async () => {
    const seen = sidecar.seen.length;
    for (const app of ["../../state/store", "a/b", "a%2fb", ".", "a?b", ""]) {
      const answer = await call(gateway, "/yaml/x", { headers: { "x-app": app } });
      assert.deepEqual([app, answer.status, answer.json()["reason"]], [app, 500, "expression-failed"]);
    }
    for (const binding of ["..", "."]) {
      const answer = await call(gateway, "/yaml/x", { method: "POST", headers: { "x-binding": binding } });
      assert.deepEqual([binding, answer.status, answer.json()["reason"]], [binding, 500, "expression-failed"]);
    }
    assert.equal(sidecar.seen.length, seen);
    await call(gateway, "/yaml/x", { method: "POST", headers: { "x-binding": "../state/a?b" } });
    assert.equal(last()?.url, "/v1.0/bindings/..%2Fstate%2Fa%3Fb");
    await call(gateway, "/yaml/x", { headers: { "x-app": "echo.shop" } });
    assert.equal(last()?.url, "/v1.0/invoke/echo.shop/method/a/b");
  });
});
