import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode, Section } from "#model/policy-tree.ts";
import type { Egress } from "#model/ports.ts";
import type { ReceivedResponse } from "#model/received-response.ts";
import { AnsweringEgress, answering, failing } from "#policy/answering-egress.test-helper.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { policyFromXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policies, policy, portsWith, start, template } from "#policy/policy.test-helper.ts";

const setUrl = policy("set-url", { url: "https://rates.example/v1" });

function sendRequest(args: Parameters<typeof policy>[1], ...inner: PolicyNode[]): PolicyNode {
  const parts = policies(setUrl, ...inner);
  return policy("send-request", {
    mode: "new",
    responseVariable: "answer",
    timeout: 60_000,
    ignoreError: false,
    policies: parts,
    ...args,
  });
}

function run(
  node: PolicyNode,
  egress: Egress,
  exchange: Exchange = exchangeFor(),
  section: Section = "inbound",
  bodies = new BodyRoom(1024, 4096),
) {
  return start([node], exchange, { section, ports: portsWith({ egress, bodies }) });
}

const variable = (exchange: Exchange): unknown => exchange.variables?.get("answer");

describe("send-request", () => {
  it("sends what its policies say, and nothing of the client's", async () => {
    const egress = answering();
    const node = sendRequest(
      {},
      policy("set-method", { method: "POST" }),
      policy("set-header", { name: "X-Who", ifExists: "override", values: [cel("request.method")] }),
      policy("set-header", { name: "Host", ifExists: "override", values: ["other.example"] }),
      policy("set-body", { body: template("by ", "request.host") }),
      policy("authentication-basic", { username: "me", password: "pä:ss" }),
    );
    assert.equal(await run(node, egress, exchangeFor(["Cookie", "a=1", "Authorization", "Bearer x"])), undefined);
    const [asked] = egress.asked;
    assert.deepEqual(
      [
        asked?.url,
        asked?.method,
        asked?.host,
        asked?.declared,
        asked?.timeoutMs,
        Buffer.from(asked?.body ?? "").toString(),
      ],
      ["https://rates.example/v1", "POST", "other.example", true, 60_000, "by api.example.com"],
    );
    const basic = `Basic ${Buffer.from("me:pä:ss").toString("base64")}`;
    assert.deepEqual(asked?.headers, ["X-Who", "GET", "Authorization", basic]);
  });

  it("keeps the response for later expressions", async () => {
    const exchange = exchangeFor();
    await run(sendRequest({}), answering('{"rate": 7}', ["X-A", "b"]), exchange);
    const check =
      'variables.answer.status == 200 && variables.answer.json.rate == 7 && variables.answer.headers["x-a"] == "b" && variables.answer.reason == "Fine" && "answer" in variables';
    await start([policy("set-variable", { name: "ok", value: cel(check) })], exchange);
    assert.equal(exchange.variables?.get("ok"), true);
  });

  it("takes an error status for an answer", async () => {
    const exchange = exchangeFor();
    assert.equal(await run(sendRequest({}), answering("", [], 503), exchange), undefined);
    assert.equal((variable(exchange) as ReceivedResponse).status, 503);
  });

  it("decodes what is coded", async () => {
    const exchange = exchangeFor();
    const egress = new AnsweringEgress(() => ({
      status: 200,
      headers: new HeaderList(["Content-Encoding", "gzip"]),
      body: gzipSync("plain"),
    }));
    await run(sendRequest({}), egress, exchange);
    const received = variable(exchange) as ReceivedResponse;
    assert.deepEqual(
      [Buffer.from(received.body).toString(), received.headers.has("content-encoding")],
      ["plain", false],
    );
  });

  for (const [code, reason] of [
    ["upstream-timeout", "upstream-timeout"],
    ["upstream-connect-failed", "upstream-connect-failed"],
    ["egress-refused", "egress-not-allowed"],
  ] as const) {
    it(`fails with ${reason}, or leaves null where that is to be ignored`, async () => {
      const exchange = exchangeFor();
      const outcome = await run(sendRequest({}), failing(code), exchange);
      assert.equal(outcome?.kind === "refusal" && outcome.reason, reason);
      assert.deepEqual([exchange.lastError?.source, exchange.variables], ["send-request", null]);
      assert.equal(await run(sendRequest({ ignoreError: true }), failing(code), exchange), undefined);
      assert.equal(variable(exchange), null);
    });
  }

  it("does not ignore an expression that fails", async () => {
    const bad = policy("set-body", { body: cel("variables.missing") });
    const outcome = await run(sendRequest({ ignoreError: true }, bad), answering());
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
  });

  it("asks egress control about a URL that is computed", async () => {
    const egress = answering();
    const url = policy("set-url", { url: cel('"https://" + request.host + "/x"') });
    await run(sendRequest({ policies: policies(url) }), egress);
    assert.deepEqual([egress.asked[0]?.url, egress.asked[0]?.declared], ["https://api.example.com/x", false]);
  });

  it("copies method, fields and body of the request; of the body nothing once the response is there", async () => {
    const exchange = (): Exchange => {
      const made = exchangeFor(["X-A", "b", "Host", "api.example.com", "Accept-Encoding", "br"], { method: "PUT" });
      made.request.body = Buffer.from("given");
      return made;
    };
    const egress = answering();
    await run(sendRequest({ mode: "copy" }), egress, exchange());
    await run(sendRequest({ mode: "copy" }), egress, exchange(), "on-error");
    const [inbound, onError] = egress.asked;
    assert.deepEqual(
      [inbound?.method, inbound?.headers, Buffer.from(inbound?.body ?? "").toString()],
      ["PUT", ["X-A", "b"], "given"],
    );
    assert.deepEqual([onError?.method, onError?.body?.byteLength], ["PUT", 0]);
  });

  it("copies the URL too where no other is given: where the request would go by now, if egress control lets it", async () => {
    const egress = answering();
    const copy = policyFromXml("inbound", '<send-request mode="copy" response-variable-name="answer" />');
    const exchange = exchangeFor();
    exchange.request.path = "/v2/orders/7";
    exchange.request.query = "a=1";
    await run(copy, egress, exchange);
    exchange.request.baseUrl = "https://orders.example/base/";
    await run(copy, egress, exchange);
    assert.deepEqual(
      egress.asked.map(({ url, declared }) => [url, declared]),
      [
        ["https://api.example.com/v2/orders/7?a=1", false],
        ["https://orders.example/base/v2/orders/7?a=1", false],
      ],
    );
    const none = { mode: cel("'new'"), policies: policies() };
    const outcome = await run(sendRequest(none), egress);
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "policy-failed", "nothing says who is asked");
  });

  it("keeps no more than there is room for, and gives account of it", async () => {
    const bodies = new BodyRoom(1024, 100);
    const exchange = exchangeFor();
    await run(sendRequest({}), answering("x".repeat(80)), exchange, "inbound", bodies);
    assert.deepEqual([bodies.held, exchange.gatheredBytes], [80, 80]);
    const outcome = await run(sendRequest({}), answering("x".repeat(80)), exchange, "inbound", bodies);
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "overloaded");
  });

  it("is called off when the client goes away", async () => {
    const exchange = exchangeFor();
    const egress = answering();
    await run(sendRequest({}), egress, exchange);
    exchange.cancellation?.abort();
    assert.equal(egress.asked[0]?.signal?.aborted, true);
  });

  it("answers the client with what was received", async () => {
    const exchange = exchangeFor();
    await run(sendRequest({}), answering("hello", ["X-A", "b", "Content-Length", "5"], 404), exchange);
    const answer = await start(
      [
        policy("return-response", {
          responseVariable: "answer",
          policies: policies(policy("set-header", { name: "X-C", ifExists: "override", values: ["d"] })),
        }),
      ],
      exchange,
    );
    assert.ok(answer?.kind === "answer");
    assert.deepEqual(
      [answer.status, answer.statusText, Buffer.from(answer.body ?? "").toString()],
      [404, "Fine", "hello"],
    );
    assert.deepEqual(answer.headers.raw, ["X-A", "b", "X-C", "d"]);
    assert.equal((variable(exchange) as ReceivedResponse).headers.has("x-c"), false);
  });

  it("has no answer in a variable that holds none", async () => {
    const outcome = await start([policy("return-response", { responseVariable: "answer" })], exchangeFor());
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
  });
});
