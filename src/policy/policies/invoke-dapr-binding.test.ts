import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ReceivedResponse } from "#model/received-response.ts";
import { answering, type AnsweringEgress, failing } from "#policy/answering-egress.test-helper.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policy, portsWith, start } from "#policy/policy.test-helper.ts";

const invoking = (args: Parameters<typeof policy>[1]): ReturnType<typeof policy> =>
  policy("invoke-dapr-binding", { name: "mail", timeout: 5000, ignoreError: false, ...args });

async function invoke(
  node: ReturnType<typeof policy>,
  egress: AnsweringEgress = answering(),
  exchange = exchangeFor(),
): Promise<unknown> {
  const outcome = await start([node], exchange, { ports: portsWith({ egress }) });
  if (outcome !== undefined) return outcome.kind === "refusal" ? outcome.reason : outcome.kind;
  return Buffer.from(egress.asked[0]?.body ?? "").toString();
}

describe("invoke-dapr-binding", () => {
  it("posts operation, metadata and data as JSON, with 5 s for an answer", async () => {
    const egress = answering();
    const node = policyFromXml(
      "inbound",
      '<invoke-dapr-binding name="mail" operation="create"><metadata><item key="to">ada</item><item key="cc">bob</item></metadata><data>hi</data></invoke-dapr-binding>',
    );
    assert.equal(await invoke(node, egress), '{"operation":"create","metadata":{"to":"ada","cc":"bob"},"data":"hi"}');
    const [asked] = egress.asked;
    assert.deepEqual(
      [asked?.method, asked?.url, asked?.declared, asked?.headers, asked?.timeoutMs],
      ["POST", "http://127.0.0.1:3500/v1.0/bindings/mail", true, ["Content-Type", "application/json"], 5000],
    );
  });

  it("has all of it from expressions", async () => {
    const egress = answering();
    const metadata = [{ name: "m", value: cel("request.method") }];
    const computed = {
      name: cel("'a b'"),
      operation: cel("'get'"),
      data: cel("request.host"),
      metadata,
      timeout: cel("7"),
    };
    assert.equal(
      await invoke(invoking(computed), egress),
      '{"operation":"get","metadata":{"m":"GET"},"data":"api.example.com"}',
    );
    assert.deepEqual(
      [egress.asked[0]?.url, egress.asked[0]?.timeoutMs],
      ["http://127.0.0.1:3500/v1.0/bindings/a%20b", 7000],
    );
  });

  it("sends nothing but braces where nothing is said", async () => {
    assert.equal(await invoke(invoking({})), "{}");
  });

  it("puts data in JSON as it was written, and refuses what is none", async () => {
    const big = "12345678901234567890";
    for (const contentType of ["application/json; charset=utf-8", "application/hal+json"]) {
      assert.equal(await invoke(invoking({ data: big, contentType })), `{"data":${big}}`);
    }
    assert.equal(await invoke(invoking({ data: "1", contentType: "text/plain" })), '{"data":"1"}');
    assert.equal(await invoke(invoking({ data: "{", contentType: "application/json" })), "expression-failed");
  });

  it("refuses a name that leads elsewhere", async () => {
    const egress = answering();
    for (const name of ["..", ""]) {
      assert.equal(await invoke(invoking({ name: cel(JSON.stringify(name)) }), egress), "expression-failed", name);
    }
    assert.equal(egress.asked.length, 0);
    await invoke(invoking({ name: cel('"a/../b"') }), egress);
    assert.equal(egress.asked[0]?.url, "http://127.0.0.1:3500/v1.0/bindings/a%2F..%2Fb");
  });

  it("fails where the sidecar does, unless that is to be ignored; the variable has the answer", async () => {
    const exchange = exchangeFor();
    assert.equal(
      await invoke(invoking({ responseVariable: "r" }), answering("no", [], 500), exchange),
      "service-refused",
    );
    assert.equal((exchange.variables?.get("r") as ReceivedResponse | undefined)?.status, 500);
    assert.equal(await invoke(invoking({}), failing("upstream-connect-failed")), "upstream-connect-failed");
    await invoke(invoking({ responseVariable: "r", ignoreError: true }), failing("upstream-connect-failed"), exchange);
    assert.equal(exchange.variables?.get("r"), null);
  });

  it("has bounds for its time, needs a name, and does not stand in backend", async () => {
    for (const source of ["0", "241"])
      assert.equal(await invoke(invoking({ timeout: cel(source) })), "expression-failed");
    assert.match(problemsOfXml("inbound", '<invoke-dapr-binding name="a" timeout="0" />').join(), /timeout/);
    assert.match(problemsOfXml("inbound", "<invoke-dapr-binding />").join(), /name/);
    assert.match(problemsOfXml("backend", '<invoke-dapr-binding name="a" />').join(), /backend/);
  });
});
