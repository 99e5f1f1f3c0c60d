import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ReceivedResponse } from "#model/received-response.ts";
import { answering, type AnsweringEgress, failing } from "#policy/answering-egress.test-helper.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, portsWith, start } from "#policy/policy.test-helper.ts";

const publishing = (args: Parameters<typeof policy>[1]): ReturnType<typeof policy> =>
  policy("publish-to-dapr", {
    topic: "orders",
    pubSubName: "broker",
    timeout: 5000,
    ignoreError: false,
    data: "x",
    ...args,
  });

async function publish(
  node: ReturnType<typeof policy>,
  egress: AnsweringEgress = answering("", [], 204),
  exchange = exchangeFor(),
): Promise<unknown> {
  const outcome = await start([node], exchange, { ports: portsWith({ egress }) });
  if (outcome !== undefined) return outcome.kind === "refusal" ? outcome.reason : outcome.kind;
  const [asked] = egress.asked;
  return asked === undefined
    ? undefined
    : [asked.method, asked.url, asked.headers, Buffer.from(asked.body ?? "").toString(), asked.timeoutMs];
}

describe("publish-to-dapr", () => {
  it("posts what stands between its tags to the topic, with 5 s for an answer", async () => {
    const said = '<publish-to-dapr pubsub-name="broker" topic="orders">{"a": 1}</publish-to-dapr>';
    const url = "http://127.0.0.1:3500/v1.0/publish/broker/orders";
    assert.deepEqual(await publish(policyFromXml("outbound", said)), ["POST", url, [], '{"a": 1}', 5000]);
  });

  it("has topic, component, type, data and time from expressions", async () => {
    const computed = {
      topic: cel("'a b'"),
      pubSubName: cel("'p' + 'q'"),
      contentType: cel("'text/x'"),
      data: cel("request.method"),
      timeout: cel("9"),
    };
    assert.deepEqual(await publish(publishing(computed)), [
      "POST",
      "http://127.0.0.1:3500/v1.0/publish/pq/a%20b",
      ["Content-Type", "text/x"],
      "GET",
      9000,
    ]);
  });

  it("finds the component before the topic where no other attribute says it", async () => {
    const whole = policyFromXml("inbound", '<publish-to-dapr topic="broker/a/b">x</publish-to-dapr>');
    assert.equal(((await publish(whole)) as string[])[1], "http://127.0.0.1:3500/v1.0/publish/broker/a/b");
    assert.match(
      problemsOfXml("inbound", '<publish-to-dapr topic="orders">x</publish-to-dapr>').join(),
      /component\/topic/,
    );
    const { pubSubName: _none, ...args } = publishing({ topic: cel("'orders'") }).args;
    assert.equal(await publish({ ...publishing({}), args }), "expression-failed");
  });

  it("refuses names that lead elsewhere, and sends nothing then", async () => {
    const egress = answering();
    for (const topic of ["../invoke", "", "a/../../b"]) {
      assert.equal(
        await publish(publishing({ topic: cel(JSON.stringify(topic)) }), egress),
        "expression-failed",
        topic,
      );
    }
    assert.equal(await publish(publishing({ contentType: cel('"a\\r\\nb: c"') }), egress), "expression-failed");
    assert.equal(egress.asked.length, 0);
  });

  it("fails on an answer that says so or is none, which the variable has all the same", async () => {
    const exchange = exchangeFor();
    assert.equal(
      await publish(publishing({ responseVariable: "r" }), answering("no", [], 404), exchange),
      "service-refused",
    );
    assert.equal((exchange.variables?.get("r") as ReceivedResponse | undefined)?.status, 404);
    assert.equal(await publish(publishing({}), failing("upstream-timeout")), "upstream-timeout");
  });

  it("goes on where errors are ignored, with null where there was no answer", async () => {
    const exchange = exchangeFor();
    const node = publishing({ ignoreError: cel("true"), responseVariable: "r" });
    await publish(node, failing("upstream-timeout"), exchange);
    assert.deepEqual([exchange.variables?.get("r"), exchange.trail.at(-1)?.outcome], [null, "failed"]);
    await publish(node, answering("", [], 500), exchange);
    assert.equal((exchange.variables?.get("r") as ReceivedResponse | undefined)?.status, 500);
  });

  it("has bounds for its time, and does not stand in backend", async () => {
    for (const source of ["0", "241"])
      assert.equal(await publish(publishing({ timeout: cel(source) })), "expression-failed");
    assert.match(
      problemsOfXml("inbound", '<publish-to-dapr topic="a/b" timeout="241">x</publish-to-dapr>').join(),
      /timeout/,
    );
    assert.match(problemsOfXml("backend", '<publish-to-dapr topic="a/b">x</publish-to-dapr>').join(), /backend/);
  });
});
