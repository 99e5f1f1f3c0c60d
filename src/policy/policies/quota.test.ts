import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ApiFacts } from "#model/snapshot.ts";
import { exchangeFor, fixedQuota, OwnQuota, policy, portsWith, run, start } from "#policy/policy.test-helper.ts";

const node = policy("quota", { calls: 10, period: 604_800_000 });

function subscribed() {
  const exchange = exchangeFor();
  exchange.subscription = { id: "s1", scope: "product:starter", by: "key" };
  exchange.product = { name: "starter", displayName: "Starter", subscription: "key", members: null };
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

  it("counts bytes when the exchange is over, and refuses when there are none left", () => {
    const quota = new OwnQuota();
    const bytes = policy("quota", { bandwidth: 100, period: 604_800_000 });
    const call = (bytesOut: number): ReturnType<typeof run> => {
      const exchange = subscribed();
      const outcome = run(bytes, exchange, { scope: "product", ports: portsWith({ quota }) });
      exchange.bytesIn = 10;
      exchange.bytesOut = bytesOut;
      for (const tell of exchange.over ?? []) tell();
      return outcome;
    };
    assert.deepEqual([call(20), call(500)], [undefined, undefined]);
    const refused = call(0);
    assert.equal(
      refused?.kind === "refusal" && refused.message,
      "Out of bandwidth quota. Quota will be replenished in 00:00:09.",
    );
  });

  it("counts single APIs besides", async () => {
    const quota = new OwnQuota();
    const nested = policy("quota", {
      calls: 100,
      period: 604_800_000,
      apis: [{ id: "orders", calls: 1, period: 300_000 }],
    });
    const call = async (api: string): Promise<string | undefined> => {
      const exchange = subscribed();
      exchange.api = { name: api, displayName: api } as ApiFacts;
      const outcome = await start([nested], exchange, { scope: "product", ports: portsWith({ quota }) });
      return outcome?.kind === "refusal" ? outcome.reason : undefined;
    };
    assert.deepEqual(
      [await call("orders"), await call("stock"), await call("orders")],
      [undefined, undefined, "quota-exceeded"],
    );
    assert.deepEqual([...quota.used.keys()], ["quota|604800000|starter|s1", "quota|300000|starter|s1|api|orders"]);
  });
});
