import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loadText } from "./fixture.test-helper.ts";

async function read(policy: string, more = ""): Promise<{ url: string | null | undefined; problems: string[] }> {
  const text = `version: 1
${more}
apis: { a: { path: /a, backend: b, access: public, policies: { inbound: [${policy}] } } }
backends: { b: { url: "http://127.0.0.1:1" } }
`;
  const { definition, diagnostics } = await loadText(text);
  const problems = diagnostics.map(({ code, message, fix }) => `${code}: ${message}: ${fix}`);
  return { url: definition?.messaging.daprUrl, problems };
}

describe("Dapr", () => {
  const users = [
    "{ invoke-dapr-binding: { name: mail } }",
    "{ publish-to-dapr: { topic: orders/new } }",
    "{ set-backend-service: { backendId: dapr, daprAppId: a, daprMethod: b } }",
  ];

  for (const policy of users) {
    it(`must be declared for ${policy}`, async () => {
      const missing = "reference-unknown: there is no Dapr sidecar: define it: dapr: { url: http://127.0.0.1:3500 }";
      assert.deepEqual((await read(policy)).problems, [missing]);
      assert.deepEqual(await read(policy, "dapr: {}"), { url: "http://127.0.0.1:3500", problems: [] });
    });
  }

  it("is at a URL without a slash at its end, and not on a socket", async () => {
    const [policy = ""] = users;
    assert.equal((await read(policy, 'dapr: { url: "https://dapr.example:3501/" }')).url, "https://dapr.example:3501");
    const [problem = ""] = (await read(policy, 'dapr: { url: "unix:/run/dapr.sock" }')).problems;
    assert.match(problem, /not asked over a Unix socket/);
  });

  it("says what an application and a topic lack", async () => {
    for (const [policy, problem] of [
      ["{ publish-to-dapr: { topic: orders } }", /topic: is component\/topic where pubSubName/],
      ["{ set-backend-service: { backendId: b, daprAppId: a, daprMethod: m } }", /backendId: is dapr where/],
      ["{ set-backend-service: { backendId: dapr, daprMethod: m } }", /daprAppId: is missing/],
      ["{ set-backend-service: { backendId: dapr, daprAppId: m } }", /daprMethod: is missing/],
    ] as const) {
      assert.match((await read(policy, "dapr: {}")).problems.join("\n"), problem, policy);
    }
  });
});

describe("Service Bus", () => {
  const policy = "{ send-service-bus-message: { queueName: orders, payload: hello } }";
  const problem = async (more: string, used = policy): Promise<string> => (await read(used, more)).problems.join("; ");

  it("is the only namespace that is declared, unless the policy says which", async () => {
    assert.equal(await problem("serviceBus: { shop.servicebus.windows.net: {} }"), "");
    assert.match(await problem(""), /^reference-unknown: .*which namespace it is cannot be told/);
    assert.match(
      await problem("serviceBus: { a: { url: 'https://a' }, b: { url: 'https://b' } }"),
      /^reference-unknown/,
    );
    const named = "{ send-service-bus-message: { queueName: q, namespace: x.servicebus.windows.net, payload: p } }";
    assert.equal(await problem("", named), "");
  });

  it("has both halves of a shared access policy, over https", async () => {
    assert.match(await problem("serviceBus: { bus: { keyName: send } }"), /only half of a shared access policy/);
    assert.match(await problem("serviceBus: { bus: { url: 'http://bus.example' } }"), /answered by anybody on the way/);
  });

  it("takes one queue or topic, a host, and names that can travel", async () => {
    for (const [args, message] of [
      ["payload: p", /either queueName or topicName/],
      ["queueName: q, topicName: t, payload: p", /either queueName or topicName/],
      ["queueName: q, namespace: 'https://x', payload: p", /is a host such as/],
      ["queueName: q, properties: [{ name: Authorization, value: x }], payload: p", /Authorization cannot be the name/],
      ["queueName: q, properties: [{ name: 'a b', value: x }], payload: p", /a b cannot be the name/],
    ] as const) {
      const used = `{ send-service-bus-message: { ${args} } }`;
      assert.match(await problem("serviceBus: { bus: {} }", used), message, args);
    }
  });
});
