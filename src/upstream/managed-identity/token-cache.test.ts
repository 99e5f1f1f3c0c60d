import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IdentityToken } from "#model/managed-identity.ts";
import { identityFailed } from "./identity-failed.ts";
import { TokenCache } from "./token-cache.ts";

const minute = 60_000;

/** Gives one outcome after the other, the last one for ever. */
function cacheOf(...outcomes: (IdentityToken | "down")[]): {
  cache: TokenCache;
  asked: string[];
  time: { now: number };
} {
  const asked: string[] = [];
  const time = { now: 0 };
  const cache = new TokenCache(
    async (resource, clientId) => {
      const outcome = outcomes[Math.min(asked.length, outcomes.length - 1)];
      asked.push(`${resource} ${clientId}`);
      if (outcome === "down" || outcome === undefined) throw identityFailed("down");
      return outcome;
    },
    { now: () => time.now },
  );
  return { cache, asked, time };
}

const token = (name: string, expiresAt: number, refreshAt: number): IdentityToken => ({
  token: name,
  expiresAt,
  refreshAt,
});

describe("the cache of tokens", () => {
  it("asks once for all who wait, then gives without a promise; others have tokens of their own", async () => {
    const { cache, asked } = cacheOf(token("a", 60 * minute, 30 * minute));
    const both = [cache.token("r", ""), cache.token("r", "")];
    assert.deepEqual(await Promise.all(both), ["a", "a"]);
    assert.equal(cache.token("r", ""), "a");
    await cache.token("r", "id");
    await cache.token("s", "");
    assert.deepEqual(asked, ["r ", "r id", "s "]);
  });

  it("tells apart whose tokens are exchanged, and asks again for the same one ahead of its end", async () => {
    const asked: string[] = [];
    const time = { now: 0 };
    const cache = new TokenCache(
      async (_provider, _name, subject) => {
        asked.push(subject?.token ?? "");
        return token(`for ${subject?.digest ?? ""} ${asked.length}`, time.now + 10 * minute, time.now + 5 * minute);
      },
      { now: () => time.now },
      2,
    );
    const of = async (name: string): Promise<string> =>
      (await cache.find("c", "n", { token: name, digest: `d-${name}` })).token;
    assert.deepEqual(
      [await of("ann"), await of("ben"), await of("ann")],
      ["for d-ann 1", "for d-ben 2", "for d-ann 1"],
    );
    time.now = 6 * minute;
    assert.equal(await of("ann"), "for d-ann 1");
    await Promise.resolve();
    assert.equal(await of("ann"), "for d-ann 3");
    // Two at most: whoever was not seen for the longest time is asked about anew.
    await of("cem");
    await of("ben");
    assert.deepEqual(asked, ["ann", "ben", "ann", "cem", "ben"]);
  });

  it("has a newer one before the old one ends, and nobody waits for it", async () => {
    const { cache, asked, time } = cacheOf(token("a", 60 * minute, 30 * minute), token("b", 120 * minute, 90 * minute));
    await cache.token("r", "");
    time.now = 30 * minute;
    assert.equal(cache.token("r", ""), "a");
    assert.equal(cache.token("r", ""), "a");
    await new Promise(setImmediate);
    assert.equal(cache.token("r", ""), "b");
    assert.equal(asked.length, 2);
  });

  it("uses the old one while no newer can be had, and tries twice a minute", async () => {
    const { cache, asked, time } = cacheOf(token("a", 60 * minute, 30 * minute), "down");
    await cache.token("r", "");
    for (time.now = 40 * minute; time.now < 41 * minute; time.now += 1000) {
      assert.equal(cache.token("r", ""), "a");
      await new Promise(setImmediate);
    }
    assert.equal(asked.length, 3);
    time.now = 59.5 * minute;
    await assert.rejects(async () => cache.token("r", ""), { code: "managed-identity-failed" });
  });

  it("asks an endpoint that is down once in two seconds", async () => {
    const { cache, asked, time } = cacheOf("down", token("a", 60 * minute, 30 * minute));
    for (time.now = 0; time.now < 2000; time.now += 500) {
      await assert.rejects(async () => cache.token("r", ""), { code: "managed-identity-failed" });
    }
    assert.equal(asked.length, 1);
    assert.equal(await cache.token("r", ""), "a");
  });

  it("keeps a bounded number, those that were used last", async () => {
    const { cache, asked } = cacheOf(token("a", 60 * minute, 30 * minute));
    await cache.token("first", "");
    for (let nth = 0; nth < 256; nth += 1) {
      await cache.token(`r${nth}`, "");
      await cache.token("first", "");
    }
    assert.equal(asked.length, 257);
    await cache.token("r0", "");
    assert.equal(asked.length, 258);
  });
});
