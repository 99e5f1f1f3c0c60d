import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, fixedClock, MapCache, policy, portsWith, run } from "#policy/policy.test-helper.ts";
import { decodeValue } from "#policy/value-codec.ts";

type Args = Parameters<typeof policy>[1];

function stored(node: ReturnType<typeof policy>, cache = new MapCache()): readonly unknown[] {
  const outcome = run(node, exchangeFor(), { ports: portsWith({ cache }) });
  if (outcome !== undefined) return [outcome.kind === "refusal" ? outcome.reason : outcome.kind];
  return [...cache.entries].map(([key, { meta, expiresAt }]) => [key, decodeValue(meta), expiresAt - fixedClock.now()]);
}

const storing = (args: Args): ReturnType<typeof policy> =>
  policy("cache-store-value", { key: "k", value: "v", duration: 60_000, ...args });

describe("cache-store-value", () => {
  it("keeps a value for so many seconds, without waiting for the cache", () => {
    assert.deepEqual(stored(policyFromXml("inbound", '<cache-store-value key="k" value="v" duration="90" />')), [
      ["kk", "v", 90_000],
    ]);
    const never = Object.assign(new MapCache(), { put: () => new Promise<void>(() => {}) });
    assert.deepEqual(stored(storing({}), never), []);
  });

  it("has key, value and duration from expressions, the value with its type", () => {
    const computed = { key: cel("request.method"), value: cel("[1, 2]"), duration: cel("60 * 2") };
    assert.deepEqual(stored(storing(computed)), [["kGET", [1n, 2n], 120_000]]);
  });

  it("writes over what is under the key", () => {
    const cache = new MapCache();
    stored(storing({ value: "old" }), cache);
    assert.deepEqual(stored(storing({ value: "new" }), cache), [["kk", "new", 60_000]]);
  });

  it("keeps nothing that is larger than an entry, and goes on", () => {
    const cache = new MapCache();
    assert.deepEqual(stored(storing({ value: "x".repeat(cache.maxEntryBytes) }), cache), []);
    assert.equal(stored(storing({ value: "x".repeat(cache.maxEntryBytes - 10) }), cache).length, 1);
  });

  it("refuses a duration that is none", () => {
    for (const source of ["0", "-1", "2147483648", "'soon'"]) {
      assert.deepEqual(stored(storing({ duration: cel(source) })), ["expression-failed"], source);
    }
    assert.deepEqual(stored(storing({ duration: cel("2147483647") })), [["kk", "v", 2_147_483_647_000]]);
    assert.match(problemsOfXml("inbound", '<cache-store-value key="k" value="v" duration="0" />').join(), /duration/);
  });

  it("needs key, value and duration", () => {
    const problems = problemsOfXml("outbound", "<cache-store-value />").join();
    for (const name of ["key", "value", "duration"]) assert.match(problems, new RegExp(`\\b${name}\\b`));
  });
});
