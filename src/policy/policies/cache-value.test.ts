import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Outcome } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { ReceivedResponse } from "#model/received-response.ts";
import { decodeValue, encodeValue } from "#policy/value-codec.ts";
import {
  cel,
  exchangeFor,
  fixedClock,
  MapCache,
  policies,
  policy,
  portsWith,
  start,
} from "#policy/policy.test-helper.ts";

type Node = ReturnType<typeof policy>;

const setTo = (value: string): Node => policy("set-variable", { name: "it", value });
const cacheValue = (args: Parameters<typeof policy>[1], ...inner: Node[]): Node =>
  policy("cache-value", { key: "k", variable: "it", policies: policies(...inner), ...args });

/** Time that the test moves. */
class Fixture {
  readonly cache = new MapCache();
  now = fixedClock.now();

  async run(node: Node, exchange: Exchange = exchangeFor()): Promise<Outcome | string> {
    const clock = { now: () => this.now, mono: () => 0 };
    const cache = this.cache;
    const outcome = await start([node], exchange, { ports: portsWith({ cache, clock }) });
    return outcome ?? String(exchange.variables?.get("it"));
  }
}

describe("cache-value", () => {
  it("makes the value when there is none, and has it from then on", async () => {
    const f = new Fixture();
    assert.equal(await f.run(cacheValue({}, setTo("one"))), "one");
    assert.equal(await f.run(cacheValue({}, setTo("two"))), "one");
    assert.equal([...f.cache.entries.values()][0]?.expiresAt, f.now + 28_800_000);
  });

  it("makes it anew when it is old, and keeps the old one where that gives nothing", async () => {
    const f = new Fixture();
    const old = { refreshAfter: 60_000 };
    await f.run(cacheValue(old, setTo("one")));
    f.now += 59_000;
    assert.equal(await f.run(cacheValue(old, setTo("two"))), "one");
    f.now += 1000;
    assert.equal(await f.run(cacheValue(old)), "one");
    assert.equal(await f.run(cacheValue(old, setTo("two"))), "two");
    assert.equal(await f.run(cacheValue({ refreshAfter: 0 }, setTo("three"))), "three");
  });

  it("has its default where nothing gives a value, and keeps none", async () => {
    const f = new Fixture();
    assert.equal(await f.run(cacheValue({ default: cel("1 + 1") })), "2");
    assert.equal(f.cache.entries.size, 0);
  });

  it("ends with what a policy inside refuses, and lets the next one try", async () => {
    const f = new Fixture();
    const outcome = await f.run(
      cacheValue({}, policy("set-variable", { name: "it", value: cel("variables.missing") })),
    );
    assert.equal(typeof outcome === "object" && outcome?.kind === "refusal" && outcome.reason, "expression-failed");
    assert.equal(await f.run(cacheValue({}, setTo("one"))), "one");
  });

  it("is made once for all who wait for it", async () => {
    const f = new Fixture();
    let calls = 0;
    let finish: () => void = () => {};
    const forward = (): Promise<undefined> => {
      calls += 1;
      return new Promise((resolve) => (finish = () => resolve(undefined)));
    };
    const node = cacheValue({}, policy("forward-request"), setTo("one"));
    const exchanges = [exchangeFor(), exchangeFor(), exchangeFor()];
    const options = { section: "backend", ports: portsWith({ cache: f.cache, forward }) } as const;
    const all = exchanges.map((exchange) => start([node], exchange, options));
    await new Promise(setImmediate);
    finish();
    await Promise.all(all);
    assert.equal(calls, 1);
    assert.deepEqual(
      exchanges.map(({ variables }) => variables?.get("it")),
      ["one", "one", "one"],
    );
  });

  it("keeps the response to a call", () => {
    const received = new ReceivedResponse(404, "No", new HeaderList(["X-A", "b"]), Buffer.from([0, 255]));
    const kept = decodeValue(encodeValue(received));
    assert.ok(kept instanceof ReceivedResponse);
    assert.deepEqual(
      [kept.status, kept.statusText, kept.headers.raw, [...kept.body]],
      [404, "No", ["X-A", "b"], [0, 255]],
    );
  });
});
