import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Cache, CacheEntry } from "#model/cache.ts";
import type { Argument, PolicyNode } from "#model/policy-tree.ts";
import { encodeValue } from "#policy/value-codec.ts";
import { cel, exchangeFor, policies, policy, portsWith, start } from "#policy/policy.test-helper.ts";

/** Answers when it is told to, key by key: a test double of a slow cache. */
class SlowCache implements Cache {
  readonly maxEntryBytes = 1024;
  readonly #asked: Map<string, (entry: CacheEntry) => void> = new Map();

  get(key: string): Promise<CacheEntry> {
    return new Promise((resolve) => this.#asked.set(key, resolve));
  }

  async put(): Promise<void> {}

  async remove(): Promise<void> {}

  get waiting(): number {
    return this.#asked.size;
  }

  answer(name: string, value: string): void {
    for (const [key, resolve] of this.#asked) {
      if (key.includes(name)) resolve({ meta: encodeValue(value), body: new Uint8Array(), expiresAt: 1e15 });
    }
  }
}

const lookup = (key: string): PolicyNode => policy("cache-lookup-value", { key, variable: key });
const branch = (condition: Argument, ...inner: PolicyNode[]): PolicyNode =>
  policy("choose", { when: [{ condition, policies: policies(...inner) }] });

describe("wait", () => {
  it("starts all and ends with the last", async () => {
    const cache = new SlowCache();
    const exchange = exchangeFor();
    const node = policy("wait", { policies: policies(lookup("one"), lookup("two")) });
    const done = start([node, policy("set-variable", { name: "after", value: 1 })], exchange, {
      ports: portsWith({ cache }),
    });
    assert.equal(cache.waiting, 2);
    cache.answer("two", "b");
    await new Promise(setImmediate);
    assert.equal(exchange.variables?.has("after"), false);
    cache.answer("one", "a");
    assert.equal(await done, undefined);
    assert.deepEqual(
      [...(exchange.variables ?? [])],
      [
        ["two", "b"],
        ["one", "a"],
        ["after", 1n],
      ],
    );
  });

  it("with any ends with the first: the others begin no further policy", async () => {
    const cache = new SlowCache();
    const exchange = exchangeFor();
    const slow = branch(cel("true"), lookup("one"), policy("set-variable", { name: "never", value: 1 }));
    const node = policy("wait", { for: "any", policies: policies(slow, lookup("two")) });
    const done = start([node], exchange, { ports: portsWith({ cache }) });
    cache.answer("two", "b");
    assert.equal(await done, undefined);
    cache.answer("one", "a");
    await new Promise(setImmediate);
    assert.deepEqual([...(exchange.variables ?? [])], [["two", "b"]]);
  });

  it("ends with a refusal or an answer of any branch", async () => {
    const cache = new SlowCache();
    const exchange = exchangeFor();
    const refused = branch(cel("variables.missing == 1"));
    const outcome = await start([policy("wait", { policies: policies(lookup("one"), refused) })], exchange, {
      ports: portsWith({ cache }),
    });
    assert.equal(outcome?.kind === "refusal" && outcome.reason, "expression-failed");
    assert.equal(exchange.lastError?.path, "wait/choose");
  });

  it("makes no promise of branches that need none", () => {
    const node = policy("wait", { policies: policies(branch(cel("false")), branch(cel("false"))) });
    assert.equal(start([node], exchangeFor()), undefined);
  });
});
