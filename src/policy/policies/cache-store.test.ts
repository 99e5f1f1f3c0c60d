import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ResponseDraft } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import { CachingRun, lookingUp, storing } from "#policy/http-cache/caching.test-helper.ts";
import { policyFromXml, problemsOfXml } from "#policy/policy-xml.test-helper.ts";
import { cel, exchangeFor, MapCache, portsWith, run } from "#policy/policy.test-helper.ts";

type Backend = CachingRun["backend"];

/** What a second request gets, after a first that the backend has answered so. */
async function second(store: ReturnType<typeof storing>, backend: Partial<Backend> = {}, later = 0): Promise<string> {
  const caching = new CachingRun(lookingUp(), store);
  caching.backend = { ...caching.backend, ...backend };
  await caching.ask();
  caching.now += later;
  return caching.ask();
}

describe("cache-store", () => {
  it("keeps a 200 for so many seconds, and no other status", async () => {
    const store = policyFromXml("outbound", '<cache-store duration="90" />');
    assert.equal(await second(store), "hit");
    for (const status of [201, 204, 404, 500]) assert.equal(await second(store, { status }), "made", String(status));
    const caching = new CachingRun(lookingUp(), store);
    await caching.ask();
    const expiries = [...caching.cache.entries.values()].map(({ expiresAt }) => expiresAt - caching.now);
    assert.ok(expiries.includes(90_000), String(expiries));
  });

  it("keeps whatever it is told to, and nothing that it is told not to", async () => {
    assert.equal(
      await second(policyFromXml("outbound", '<cache-store duration="90" cache-response="true" />'), { status: 404 }),
      "hit",
    );
    assert.equal(await second(storing({ cacheResponse: false })), "made");
    assert.equal(await second(storing({ cacheResponse: cel("response.status < 300") }), { status: 404 }), "made");
    assert.equal(await second(storing({ cacheResponse: cel("response.status < 300") }), { status: 201 }), "hit");
  });

  it("keeps nothing that sets a cookie, or that nobody could tell apart", async () => {
    assert.equal(await second(storing(), { headers: ["Set-Cookie", "a=b"] }), "made");
    assert.equal(await second(storing(), { headers: ["Vary", "*"] }), "made");
  });

  it("keeps nothing for no time, and refuses a computed duration that is none", async () => {
    assert.equal(await second(storing({ duration: 0 })), "made");
    for (const source of ["-1", "2147483648", "'long'"]) {
      assert.equal(await second(storing({ duration: cel(source) })), "expression-failed", source);
    }
    assert.equal(await second(storing({ duration: cel("5") })), "hit");
  });

  it("keeps nothing where no cache-lookup has looked", () => {
    const cache = new MapCache();
    const exchange = exchangeFor();
    exchange.response = new ResponseDraft(200, "OK", new HeaderList(), null, "upstream");
    assert.equal(run(storing(), exchange, { section: "outbound", ports: portsWith({ cache }) }), undefined);
    assert.equal(cache.entries.size, 0);
  });

  it("stands in outbound, once, and needs a duration", () => {
    const store = '<cache-store duration="1" />';
    assert.match(problemsOfXml("inbound", store).join(), /inbound/);
    assert.match(problemsOfXml("outbound", store + store).join(), /once/);
    assert.match(problemsOfXml("outbound", "<cache-store />").join(), /duration/);
    assert.match(problemsOfXml("outbound", '<cache-store duration="2147483648" />').join(), /duration/);
  });
});
