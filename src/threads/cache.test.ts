import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import type { CacheEntry } from "#model/cache.ts";
import { CacheClient } from "./cache-client.ts";
import { CacheOwner } from "./cache-owner.ts";
import { createCacheVersions } from "./cache-versions.ts";

const later = 1_000_000;

function entry(meta: string, bytes = 0, expiresAt = later): CacheEntry {
  return { meta, body: new Uint8Array(bytes), expiresAt };
}

/** Owner and clients on one thread: shared memory does not mind. Calls take a turn, as those over a port do. */
function cacheOf(maxBytes = 1_000_000) {
  const time = { now: 0, calls: 0, broken: false };
  const versions = createCacheVersions({ bytes: (count) => randomBytes(count) });
  const owner = new CacheOwner(versions, maxBytes, () => time.now);
  const call = async <T>(run: () => T): Promise<T> => {
    time.calls += 1;
    await Promise.resolve();
    if (time.broken) throw new Error("the port is closed");
    return run();
  };
  const calls = {
    get: (key: string) => call(() => owner.get(key)),
    put: (key: string, stored: CacheEntry) => call(() => owner.put(key, stored)),
    remove: (key: string) => call(() => owner.remove(key)),
  };
  const client = (): CacheClient =>
    new CacheClient({ versions, calls, maxEntryBytes: 1000, maxBytes: 100_000, now: () => time.now });
  return { time, owner, client };
}

describe("the cache over threads", () => {
  it("asks the owner once, then answers at once; a replacement reaches every worker", async () => {
    const { time, client } = cacheOf();
    const [one, two] = [client(), client()];
    await one.put("k", entry("first"));
    assert.equal((await two.get("k"))?.meta, "first");
    const { calls } = time;
    const found = two.get("k");
    assert.ok(!(found instanceof Promise) && found?.meta === "first");
    assert.equal(time.calls, calls);
    await one.put("k", entry("second"));
    assert.equal((await two.get("k"))?.meta, "second");
  });

  it("remembers that there is nothing, until there is", async () => {
    const { time, client } = cacheOf();
    const [one, two] = [client(), client()];
    assert.equal(await one.get("k"), undefined);
    const { calls } = time;
    assert.equal(one.get("k"), undefined);
    assert.equal(time.calls, calls);
    await two.put("k", entry("there"));
    assert.equal((await one.get("k"))?.meta, "there");
  });

  it("gives nobody what was removed, from the moment that the removal is acknowledged", async () => {
    const { client } = cacheOf();
    const [one, two] = [client(), client()];
    await one.put("k", entry("old"));
    await two.get("k");
    await one.remove("k");
    assert.equal(await two.get("k"), undefined);
    assert.equal(await one.get("k"), undefined);
  });

  it("a copy that was fetched while the entry changed is not used", async () => {
    const { owner, client } = cacheOf();
    const one = client();
    owner.put("k", entry("old"));
    const fetching = one.get("k");
    owner.put("k", entry("new"));
    await fetching;
    assert.equal((await one.get("k"))?.meta, "new");
  });

  it("forgets at the time that the entry names, in the owner and in the copies", async () => {
    const { time, owner, client } = cacheOf();
    const one = client();
    await one.put("k", entry("short", 0, 100));
    assert.equal((await one.get("k"))?.meta, "short");
    time.now = 100;
    assert.equal(one.get("k"), undefined);
    assert.equal(owner.get("k"), null);
  });

  it("stays within its bytes; what was used last stays", async () => {
    const { owner, client } = cacheOf(4000);
    const one = client();
    await one.put("a", entry("a", 900));
    await one.put("b", entry("b", 900));
    owner.get("a");
    await one.put("c", entry("c", 900));
    await one.put("d", entry("d", 900));
    assert.equal(owner.get("b"), null);
    assert.equal(owner.get("d")?.meta, "d");
    await one.put("huge", entry("huge", 1001));
    assert.equal(owner.get("huge"), null);
  });

  it("is a miss when the owner cannot be asked; a removal that did not happen is an error", async () => {
    const { time, client } = cacheOf();
    const one = client();
    time.broken = true;
    assert.equal(await one.get("k"), undefined);
    await one.put("k", entry("lost"));
    await assert.rejects(one.remove("k"), /closed/);
    time.broken = false;
    assert.equal(await one.get("k"), undefined);
  });
});
