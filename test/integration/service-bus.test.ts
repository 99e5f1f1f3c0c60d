import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startServiceBus, type TestServiceBus } from "#test/support/service-bus.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const policyXml = `<policies>
    <inbound>
        <base />
        <send-service-bus-message queue-name="@(context.Request.MatchedParameters["queue"])" namespace="bus" client-id="worker">
            <message-properties>
                <message-property name="Customer">Contoso "é"</message-property>
                <message-property name="MessageId">@(context.RequestId.ToString())</message-property>
                <message-property name="TimeToLive">60</message-property>
            </message-properties>
            <payload>@(context.Request.Body.As<string>(preserveContent: true))</payload>
        </send-service-bus-message>
        <return-response><set-status code="201" /></return-response>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
`;

/** The whole gateway with a broker, by its own identity and by a key. */
describe("Service Bus", () => {
  const key = "a key: with / and = 0123456789";
  let bus: TestServiceBus;
  let identity: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    bus = await startServiceBus({ keyName: "send", key, token: "token-of-worker-for-https://servicebus.azure.net" });
    identity = await startUpstream((request, response) => {
      const { searchParams } = new URL(request.url ?? "", "http://endpoint");
      const access_token = `token-of-${searchParams.get("client_id")}-for-${searchParams.get("resource")}`;
      request.resume();
      return void response.end(JSON.stringify({ access_token, expires_in: 86_400 }));
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
serviceBus:
  bus: { url: "${bus.url}/" }
  keyed: { url: "${bus.url}", keyName: send, key: { env: BUS_KEY } }
  wrong: { url: "${bus.url}", keyName: send, key: { env: WRONG_KEY } }
apis:
  xml:
    path: /xml
    backend: none
    access: public
    policies: ./xml.policy.xml
    operations: { any: { method: "*", path: "/{queue}" } }
  yaml:
    path: /yaml
    backend: none
    access: public
    policies:
      inbound:
        - send-service-bus-message: { topicName: shop/orders, namespace: "\${request.headers['x-namespace']}", payload: "\${request.body}" }
        - return-response: { status: 202 }
backends: { none: { url: "http://127.0.0.1:9" } }
`,
      files: { "xml.policy.xml": policyXml },
      env: { BUS_KEY: key, WRONG_KEY: "another", IDENTITY_ENDPOINT: `${identity.url}/msi`, IDENTITY_HEADER: "s3cret" },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await bus.close();
    await identity.close();
  });

  const post = (path: string, headers: Record<string, string> = {}) =>
    call(gateway, path, { method: "POST", headers, body: "an order" });

  it("gets a message from the gateway's own identity, with its properties", async () => {
    assert.equal((await post("/xml/orders")).status, 201);
    const { url, headers, body } = bus.seen.at(-1) ?? assert.fail("no message");
    assert.deepEqual(
      [url, body, headers["content-type"]],
      ["/orders/messages", "an order", "text/plain; charset=utf-8"],
    );
    assert.equal(JSON.parse(String(headers["customer"])), 'Contoso "é"');
    const broker = JSON.parse(String(headers["brokerproperties"])) as Record<string, unknown>;
    assert.match(String(broker["MessageId"]), /^[0-9a-f-]{36}$/);
    assert.equal(broker["TimeToLive"], 60);
  });

  it("gets one signed by a key, for one topic", async () => {
    assert.equal((await post("/yaml/x", { "x-namespace": "keyed" })).status, 202);
    const { url, headers } = bus.seen.at(-1) ?? assert.fail("no message");
    assert.equal(url, "/shop/orders/messages");
    assert.match(String(headers.authorization), /^SharedAccessSignature sr=/);
  });

  it("fails the request where the broker refuses, and nobody is told a key or a token", async () => {
    for (const [path, headers, reason] of [
      ["/xml/unknown", {}, "service-refused"],
      ["/yaml/x", { "x-namespace": "wrong" }, "service-refused"],
    ] as const) {
      const { status, text, json } = await post(path, headers);
      assert.deepEqual([status, json()["reason"]], [500, reason]);
      assert.doesNotMatch(text, /token-of|another|Signature/);
    }
    assert.doesNotMatch(gateway.output(), /token-of|Signature/);
  });

  it("is never chosen by a client beyond what is declared and allowed", async () => {
    const sent = bus.seen.length;
    for (const [namespace, reason] of [
      ["evil.example", "expression-failed"],
      ["evil.example/.servicebus.windows.net", "expression-failed"],
      ["evil.example#.servicebus.windows.net", "expression-failed"],
      ["user@x.servicebus.windows.net", "expression-failed"],
      ["127.0.0.1", "expression-failed"],
      ["evil.servicebus.windows.net", "egress-not-allowed"],
      ["", "expression-failed"],
    ] as const) {
      const { status, json } = await post("/yaml/x", { "x-namespace": namespace });
      assert.deepEqual([namespace, json()["reason"], status >= 500], [namespace, reason, true]);
    }
    assert.equal(bus.seen.length, sent);
  });
});
