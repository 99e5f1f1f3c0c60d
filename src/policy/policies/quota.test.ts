import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exchangeFor, fixedQuota, policy, portsWith, run, start } from "#policy/policy.test-helper.ts";

const node = policy("quota", { calls: 10, period: 604_800_000 });

function subscribed() {
  const exchange = exchangeFor();
  exchange.subscription = { id: "s1", scope: "product:starter", by: "key" };
  exchange.product = { name: "starter", displayName: "Starter", subscription: "key" };
  return exchange;
}

const withAnswer = (answer: number) =>
  run(node, subscribed(), { scope: "product", ports: portsWith({ quota: fixedQuota(() => answer) }) });

describe("quota", () => {
  it("does nothing without a subscription", () => {
    const quota = fixedQuota(() => assert.fail("counted"));
    assert.equal(run(node, exchangeFor(), { ports: portsWith({ quota }) }), undefined);
  });

  it("passes while calls are left", () => assert.equal(withAnswer(0), undefined));

  for (const [ms, text, seconds] of [
    [406_000, "00:06:46", 406],
    [1, "00:00:01", 1],
    [90_061_000, "1.01:01:01", 90_061],
  ] as const) {
    it(`refuses with ${text}`, () => {
      assert.deepEqual(withAnswer(-ms), {
        kind: "refusal",
        reason: "quota-exceeded",
        message: `Out of call volume quota. Quota will be replenished in ${text}.`,
        headers: ["Retry-After", String(seconds)],
      });
    });
  }

  it("names no time when the quota never renews", () => {
    assert.deepEqual(withAnswer(-Infinity), { kind: "refusal", reason: "quota-exceeded" });
  });

  it("waits for a lease, and refuses when there is none to be had", async () => {
    const names: string[] = [];
    const late = portsWith({ quota: fixedQuota((counter) => (names.push(counter), Promise.resolve(3))) });
    assert.equal(await start([node], subscribed(), { ports: late }), undefined);
    assert.deepEqual(names, ["quota|604800000|starter|s1"]);
    const broken = portsWith({ quota: fixedQuota(() => Promise.reject(new Error("no storage"))) });
    const outcome = await start([node], subscribed(), { ports: broken });
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "policy-failed");
  });
});
