import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Exchange, ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { cel, exchangeFor, OwnQuota, policy, portsWith, start } from "#policy/policy.test-helper.ts";

const day = 86_400_000;

function byKey(args: Parameters<typeof policy>[1]): ReturnType<typeof policy> {
  return policy("quota-by-key", { key: cel("request.query.k"), period: day, ...args });
}

async function call(
  nodes: readonly ReturnType<typeof policy>[],
  quota: OwnQuota,
  key: string,
  status = 200,
): Promise<string | undefined> {
  const exchange: Exchange = exchangeFor([], { query: `k=${key}` });
  const outcome = await start(nodes, exchange, { ports: portsWith({ quota }) });
  exchange.response = new ResponseDraft(status, "", new HeaderList(), null, "upstream");
  for (const tell of [...(exchange.answered ?? []), ...(exchange.over ?? [])]) tell();
  return outcome?.kind === "refusal" ? outcome.reason : undefined;
}

describe("quota-by-key", () => {
  it("counts each key by itself, and refuses an empty one", async () => {
    const quota = new OwnQuota();
    const nodes = [byKey({ calls: 1 })];
    assert.deepEqual(
      [
        await call(nodes, quota, "a"),
        await call(nodes, quota, "b"),
        await call(nodes, quota, "a"),
        await call(nodes, quota, ""),
      ],
      [undefined, undefined, "quota-exceeded", "limiter-key-empty"],
    );
  });

  it("counts a request once, however many policies have its key", async () => {
    const quota = new OwnQuota();
    await call([byKey({ calls: 10 }), byKey({ calls: 10 })], quota, "a");
    assert.deepEqual([...quota.used.values()], [1]);
  });

  it("counts by its condition and for as much as it says", async () => {
    const quota = new OwnQuota();
    const nodes = [byKey({ calls: 10, incrementCount: 3, condition: cel('request.query.k != "free"') })];
    await call(nodes, quota, "free");
    await call(nodes, quota, "a");
    assert.deepEqual([...quota.used.values()], [0, 3]);
  });

  it("counts by the response once that is known", async () => {
    const quota = new OwnQuota();
    const nodes = [byKey({ calls: 2, incrementCount: 2, condition: cel("response.status == 200") })];
    assert.deepEqual(
      [await call(nodes, quota, "a", 500), await call(nodes, quota, "a", 200), await call(nodes, quota, "a", 200)],
      [undefined, undefined, "quota-exceeded"],
    );
  });

  it("begins its first period when it is told to", async () => {
    const anchors: number[] = [];
    const quota = new OwnQuota();
    const take = quota.take.bind(quota);
    quota.take = (counter, limit, period, anchor, amount) => {
      anchors.push(anchor);
      return take(counter, limit, period, anchor, amount);
    };
    await call([byKey({ calls: 1, firstPeriodStart: "2024-01-01T00:00:00Z" })], quota, "a");
    assert.deepEqual(anchors, [Date.UTC(2024, 0, 1)]);
  });
});
