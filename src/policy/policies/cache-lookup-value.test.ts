import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cache } from "#model/cache.ts";
import type { LinkContext } from "#policy/context.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, fixedClock, MapCache, policy, portsWith, run, start } from "#policy/policy.test-helper.ts";
import { encodeValue } from "#policy/value-codec.ts";
import { link } from "./cache-lookup-value.ts";

const kept = (value: unknown): { meta: string; body: Uint8Array; expiresAt: number } => ({
  meta: encodeValue(value),
  body: new Uint8Array(),
  expiresAt: fixedClock.now() + 1000,
});

/** A cache that holds one value. */
function cacheWith(key: string, value: unknown): MapCache {
  const cache = new MapCache();
  cache.entries.set(`k${key}`, kept(value));
  return cache;
}

describe("cache-lookup-value", () => {
  it("puts what is kept into the variable, with its type and without a promise", () => {
    const exchange = exchangeFor();
    const node = policyFromXml("inbound", '<cache-lookup-value key="k" variable-name="v" default-value="none" />');
    assert.equal(run(node, exchange, { ports: portsWith({ cache: cacheWith("k", 7n) }) }), undefined);
    assert.equal(exchange.variables?.get("v"), 7n);
  });

  it("looks under the key that its expression gives", () => {
    const exchange = exchangeFor();
    const node = policy("cache-lookup-value", { key: cel("'for ' + request.method"), variable: "v" });
    run(node, exchange, { ports: portsWith({ cache: cacheWith("for GET", "it") }) });
    assert.equal(exchange.variables?.get("v"), "it");
  });

  it("has its default on a miss, of the type that it gives, and evaluates it then alone", () => {
    const exchange = exchangeFor();
    run(policy("cache-lookup-value", { key: "k", variable: "v", default: cel("1 + 1") }), exchange);
    assert.equal(exchange.variables?.get("v"), 2n);
    const node = policy("cache-lookup-value", { key: "k", variable: "v", default: cel("variables.missing") });
    assert.equal(run(node, exchange, { ports: portsWith({ cache: cacheWith("k", "hit") }) }), undefined);
    assert.equal(exchange.variables?.get("v"), "hit");
  });

  it("sets nothing on a miss without a default", () => {
    const exchange = exchangeFor();
    run(policyFromXml("outbound", '<cache-lookup-value key="k" variable-name="v" />'), exchange, {
      section: "outbound",
    });
    assert.equal(exchange.variables?.has("v") ?? false, false);
  });

  it("waits for a cache that takes its time, and sets nothing for a branch that is not wanted any more", async () => {
    let answer: (entry: ReturnType<typeof kept>) => void = () => {};
    const slow: Cache = Object.assign(new MapCache(), { get: () => new Promise((resolve) => (answer = resolve)) });
    const ports = portsWith({ cache: slow });
    const exchange = exchangeFor();
    const node = policy("cache-lookup-value", { key: "k", variable: "v" });
    const waiting = start([node], exchange, { ports });
    assert.ok(waiting instanceof Promise);
    answer(kept("late"));
    await waiting;
    assert.equal(exchange.variables?.get("v"), "late");
    const unwanted = exchangeFor();
    const leaving = link(node, { section: "inbound", ports } as LinkContext)(unwanted, AbortSignal.abort());
    answer(kept("late"));
    await leaving;
    assert.equal(unwanted.variables?.has("v") ?? false, false);
  });

  it("needs a key and a variable", () => {
    assert.match(problemsOfXml("inbound", '<cache-lookup-value variable-name="v" />').join(), /key/);
    assert.match(problemsOfXml("inbound", '<cache-lookup-value key="k" />').join(), /variable-name/);
    const strange = '<cache-lookup-value key="k" variable-name="v" caching-type="disk" />';
    assert.match(problemsOfXml("inbound", strange).join(), /prefer-external/);
  });
});
