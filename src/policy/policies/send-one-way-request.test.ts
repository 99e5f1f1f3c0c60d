import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode, Section } from "#model/policy-tree.ts";
import type { Egress, EgressResponse } from "#model/ports.ts";
import { AnsweringEgress, answering, failing } from "#policy/answering-egress.test-helper.ts";
import { BodyRoom } from "#policy/body-room.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, policies, policy, portsWith, start } from "#policy/policy.test-helper.ts";

const setUrl = policy("set-url", { url: "https://rates.example/v1" });

function run(
  node: PolicyNode,
  egress: Egress,
  exchange: Exchange = exchangeFor(),
  section: Section = "inbound",
  bodies = new BodyRoom(1024, 4096),
) {
  return start([node], exchange, { section, ports: portsWith({ egress, bodies }) });
}

describe("send-one-way-request", () => {
  const oneWay = policy("send-one-way-request", {
    mode: "new",
    timeout: 60_000,
    policies: policies(setUrl, policy("set-body", { body: "x" })),
  });

  it("goes on before there is an answer, and gives its room back when there is", async () => {
    let answer: (response: EgressResponse) => void = () => {};
    const egress = new AnsweringEgress(() => new Promise((resolve) => (answer = resolve)));
    const bodies = new BodyRoom(1024, 4096);
    assert.equal(await run(oneWay, egress, exchangeFor(), "inbound", bodies), undefined);
    assert.deepEqual([egress.asked.length, bodies.held], [1, 1]);
    assert.equal(egress.asked[0]?.signal, undefined);
    answer({ status: 500, headers: new HeaderList(), body: new Uint8Array() });
    await new Promise(setImmediate);
    assert.equal(bodies.held, 0);
  });

  it("tells the log of a failure, and no request", async () => {
    const told: unknown[] = [];
    const log = {
      info: () => {},
      error: () => {},
      warn: (message: string, fields: unknown) => void told.push([message, fields]),
    };
    assert.equal(
      await start([oneWay], exchangeFor(), { ports: portsWith({ egress: failing("upstream-timeout"), log }) }),
      undefined,
    );
    await new Promise(setImmediate);
    assert.deepEqual(told, [["send-one-way-request failed", { to: "https://rates.example", error: "no" }]]);
  });

  it("is not sent while too many are under way, which the record says", async () => {
    const waiting: ((response: EgressResponse) => void)[] = [];
    const egress = new AnsweringEgress(() => new Promise((resolve) => waiting.push(resolve)));
    const exchange = exchangeFor();
    for (let times = 0; times < 257; times += 1) await run(oneWay, egress, exchange);
    assert.equal(egress.asked.length, 256);
    assert.equal(exchange.trail.at(-1)?.reason, "overloaded");
    for (const answer of waiting) answer({ status: 200, headers: new HeaderList(), body: new Uint8Array() });
    await new Promise(setImmediate);
  });

  it("waits 60 s for an answer where XML says nothing, and longer or shorter as computed", async () => {
    const egress = answering();
    const said = "<send-one-way-request><set-url>https://rates.example/v1</set-url></send-one-way-request>";
    await run(policyFromXml("outbound", said), egress, exchangeFor(), "outbound");
    const computed = policy("send-one-way-request", { mode: "new", timeout: cel("2"), policies: policies(setUrl) });
    await run(computed, egress);
    assert.deepEqual(
      egress.asked.map(({ timeoutMs, method }) => [timeoutMs, method]),
      [
        [60_000, "GET"],
        [2000, "GET"],
      ],
    );
    await new Promise(setImmediate);
  });

  it("fails the request where what is sent cannot be made, and sends nothing then", async () => {
    const egress = answering();
    const bad = policies(setUrl, policy("set-body", { body: cel("variables.missing") }));
    for (const args of [
      { mode: "new", timeout: 1000, policies: bad },
      { mode: cel("'other'"), timeout: 1000, policies: policies(setUrl) },
    ]) {
      const outcome = await run(policy("send-one-way-request", args), egress);
      assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
    }
    assert.equal(egress.asked.length, 0);
  });

  it("copies the request where it is told to, and needs a URL where it copies none", async () => {
    const egress = answering();
    const copy = policy("send-one-way-request", { mode: "copy", timeout: 1000, policies: policies(setUrl) });
    await run(copy, egress, exchangeFor(["X-A", "b"], { method: "PUT" }));
    assert.deepEqual([egress.asked[0]?.method, egress.asked[0]?.headers], ["PUT", ["X-A", "b"]]);
    for (const mode of ["new", "New"]) {
      assert.match(problemsOfXml("inbound", `<send-one-way-request mode="${mode}" />`).join(), /set-url/);
    }
    await new Promise(setImmediate);
  });
});
