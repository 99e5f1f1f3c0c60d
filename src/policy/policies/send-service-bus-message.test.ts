import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { answering, type AnsweringEgress, failing } from "#policy/answering-egress.test-helper.ts";
import type { PolicyPorts } from "#policy/context.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, fixedClock, policy, portsWith, start } from "#policy/policy.test-helper.ts";

const namespace = "orders.servicebus.windows.net";

const sending = (args: Parameters<typeof policy>[1]): ReturnType<typeof policy> =>
  policy("send-service-bus-message", { queueName: "q", namespace, payload: "hello", ...args });

async function send(
  node: ReturnType<typeof policy>,
  egress: AnsweringEgress = answering("", [], 201),
  ports: Partial<PolicyPorts> = {},
): Promise<unknown> {
  const outcome = await start([node], exchangeFor(), { ports: portsWith({ egress, ...ports }) });
  return outcome?.kind === "refusal" ? outcome.reason : Buffer.from(egress.asked[0]?.body ?? "").toString();
}

describe("send-service-bus-message", () => {
  it("posts the payload to a queue or topic of the namespace, as the gateway's own identity", async () => {
    for (const [attribute, name] of [
      ["queue-name", "q"],
      ["topic-name", "t"],
    ]) {
      const egress = answering("", [], 201);
      const said = `<send-service-bus-message ${attribute}="${name}" namespace="${namespace}"><payload>hello</payload></send-service-bus-message>`;
      assert.equal(await send(policyFromXml("inbound", said), egress), "hello");
      const [asked] = egress.asked;
      assert.deepEqual(
        [asked?.method, asked?.url, asked?.declared, asked?.headers],
        [
          "POST",
          `https://${namespace}/${name}/messages`,
          true,
          ["Content-Type", "text/plain; charset=utf-8", "Authorization", "Bearer a-token"],
        ],
      );
    }
  });

  it("asks for a token for Service Bus, of the identity that is named", async () => {
    const asked: string[][] = [];
    const managedIdentity = { token: (...of: string[]) => (asked.push(of), Promise.resolve("t")) };
    await send(sending({}), undefined, { managedIdentity });
    await send(sending({ clientId: cel("'id-' + '1'") }), undefined, { managedIdentity });
    assert.deepEqual(asked, [
      ["https://servicebus.azure.net", ""],
      ["https://servicebus.azure.net", "id-1"],
    ]);
  });

  it("signs for a namespace with a key, for five minutes, and asks for no token", async () => {
    const egress = answering("", [], 201);
    const key = { name: "send", secret: true, value: "secret" } as const;
    const messaging = { daprUrl: null, serviceBus: [{ name: "main", url: "http://127.0.0.1:5300", key }] };
    const managedIdentity = { token: (): never => assert.fail("no token is wanted") };
    const { namespace: _only, ...args } = sending({}).args;
    await send({ ...sending({}), args }, egress, { messaging, managedIdentity });
    const resource = encodeURIComponent("http://127.0.0.1:5300/q");
    const end = fixedClock.now() / 1000 + 300;
    const signature = encodeURIComponent(createHmac("sha256", "secret").update(`${resource}\n${end}`).digest("base64"));
    assert.equal(
      egress.asked[0]?.headers?.at(-1),
      `SharedAccessSignature sr=${resource}&sig=${signature}&se=${end}&skn=send`,
    );
  });

  it("writes the broker's properties into one field, and others as texts in quotes", async () => {
    const egress = answering("", [], 201);
    const node = policyFromXml(
      "outbound",
      `<send-service-bus-message queue-name="q" namespace="${namespace}"><message-properties><message-property name="MessageId">7</message-property><message-property name="TimeToLive">1.5</message-property><message-property name="Kind">é"</message-property></message-properties><payload>x</payload></send-service-bus-message>`,
    );
    await send(node, egress);
    assert.deepEqual(egress.asked[0]?.headers?.slice(2, 6), [
      "Kind",
      '"\\u00e9\\""',
      "BrokerProperties",
      '{"MessageId":"7","TimeToLive":1.5}',
    ]);
  });

  it("refuses properties that are too long or no time, and shows a token to no computed host but Azure's", async () => {
    const egress = answering("", [], 201);
    const refused = [
      { properties: [{ name: "a", value: "x".repeat(8191) }] },
      { properties: [{ name: "TimeToLive", value: "soon" }] },
      { namespace: cel("'evil.example.com'") },
      { namespace: cel("'evil.example/.servicebus.windows.net'") },
      { queueName: cel("'../other'") },
    ];
    for (const args of refused)
      assert.equal(await send(sending(args), egress), "expression-failed", JSON.stringify(args));
    assert.equal(egress.asked.length, 0);
    assert.equal(await send(sending({ namespace: cel(`'${namespace}'`) }), egress), "hello");
    assert.equal(egress.asked[0]?.declared, false);
  });

  it("fails the request where the broker does not take the message", async () => {
    assert.equal(await send(sending({}), answering("", [], 300)), "service-refused");
    assert.equal(await send(sending({}), failing("upstream-timeout")), "upstream-timeout");
  });

  it("needs one of queue and topic, and a payload", () => {
    const said = (attributes: string, inside = "<payload>x</payload>"): string =>
      problemsOfXml("inbound", `<send-service-bus-message ${attributes}>${inside}</send-service-bus-message>`).join();
    assert.match(said(""), /either the attribute queue-name or/);
    assert.match(said('queue-name="q" topic-name="t"'), /either the attribute queue-name or/);
    assert.match(said('queue-name="q"', ""), /payload/);
    assert.match(said('queue-name="q" namespace="https://x"'), /host such as/);
    const reserved =
      '<message-properties><message-property name="Authorization">x</message-property></message-properties><payload>x</payload>';
    assert.match(said('queue-name="q"', reserved), /Authorization/);
  });
});
