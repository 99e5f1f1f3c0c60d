import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CacheEntry } from "#model/cache.ts";
import type { ExternalCacheSettings } from "#model/external-cache.ts";
import type { Log } from "#model/ports.ts";
import { ExternalCache } from "#upstream/external-cache/external-cache.ts";
import { CacheProblems } from "#upstream/external-cache/problems.ts";
import { connectRedis } from "#upstream/external-cache/redis.ts";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { TestRedis } from "#test/support/redis.ts";
import { needsCommand } from "#test/support/require.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** Asks until it holds. */
async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let left = 400; left > 0; left -= 1) {
    if (await holds()) return;
    await sleep(25);
  }
  assert.fail(what);
}

const soon = 60_000;
/** So that a machine that is busy does not answer too late for what is not about that. */
const patientMs = 20_000;
const entryOf = (meta: string, body = "", ms = soon): CacheEntry => ({
  meta,
  body: Buffer.from(body),
  expiresAt: Date.now() + ms,
});

describe("the external cache", needsCommand("redis-server"), () => {
  let redis: TestRedis;
  const logged: string[] = [];
  const opened: ExternalCache[] = [];
  const line = (message: string, fields?: unknown): void => void logged.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { info: line, warn: line, error: line };

  before(async () => {
    redis = await TestRedis.start();
  });
  after(async () => {
    for (const cache of opened) cache.close();
    await redis.close();
  });

  const clock = { now: () => Date.now(), mono: () => performance.now() };
  function connected(some: Partial<ExternalCacheSettings> = {}): { cache: ExternalCache; problems: CacheProblems } {
    const password = { secret: true, value: redis.password } as const;
    const place = { host: "127.0.0.1", port: redis.port, database: 0, tls: false, ca: null, timeoutMs: patientMs };
    const settings = { ...place, username: null, password, prefix: "t:", ...some };
    const problems = new CacheProblems(log, clock);
    const means = { connect: connectRedis, clock, problems, random: () => 0 };
    const cache = new ExternalCache({ ...means, settings, maxEntryBytes: 4096 });
    opened.push(cache);
    return { cache, problems };
  }

  it("keeps bytes as they are, in its database and under its prefix, until they are over", async () => {
    const { cache } = connected({ database: 3 });
    const body = Buffer.from([0, 255, 13, 10, 128]);
    await cache.put("käy \r\n", { ...entryOf("ä{}"), body });
    const found = await cache.get("käy \r\n");
    assert.deepEqual([found?.meta, Buffer.from(found?.body ?? [])], ["ä{}", body]);
    assert.equal(await connected().cache.get("käy \r\n"), undefined);
    assert.equal(await connected({ database: 3, prefix: "u:" }).cache.get("käy \r\n"), undefined);
    assert.match(redis.cli("-n", "3", "KEYS", "*"), /^t:[\w-]{43}$/);
    await cache.put("short", entryOf("x", "", 60));
    await until(async () => (await cache.get("short")) === undefined, "it has outlived its time");
    await until(async () => redis.cli("-n", "3", "DBSIZE") === "1", "the server keeps it");
  });

  it("takes nothing for an entry that is not ours, not whole, or another key's", async () => {
    const { cache, problems } = connected();
    await cache.put("mine", entryOf("1", "body"));
    const name = redis.cli("KEYS", "t:*").split("\n")[0] ?? "";
    await cache.put("other", entryOf("2"));
    const other =
      redis
        .cli("KEYS", "t:*")
        .split("\n")
        .find((one) => one !== name) ?? "";
    redis.cli("COPY", name, other, "REPLACE");
    assert.equal(await cache.get("other"), undefined);
    redis.cli("SETRANGE", name, "45", "X");
    assert.equal(await cache.get("mine"), undefined);
    redis.cli("SET", name, "SPC1 short");
    assert.equal(await cache.get("mine"), undefined);
    redis.cli("SETRANGE", name, "200000", "x");
    assert.equal(await cache.get("mine"), undefined);
    redis.cli("DEL", name);
    redis.cli("LPUSH", name, "a");
    assert.equal(await cache.get("mine"), undefined);
    assert.deepEqual(problems.take(), { foreign: 4, refused: 1 });
    await cache.remove("mine");
    await cache.put("large", entryOf("", "x".repeat(4097)));
    assert.equal(await cache.get("large"), undefined);
  });

  it("verifies the server's certificate, and its name", async () => {
    const ca = readFileSync(redis.certificate, "utf8");
    const place = { port: redis.tlsPort, tls: true };
    const trusted = connected({ ...place, host: "localhost", ca }).cache;
    await trusted.put("tls", entryOf("1"));
    assert.equal((await trusted.get("tls"))?.meta, "1");
    for (const wrong of [
      { ...place, host: "localhost" },
      { ...place, host: "127.0.0.1", ca },
    ]) {
      const { cache, problems } = connected(wrong);
      assert.equal(await cache.get("tls"), undefined);
      assert.deepEqual(problems.take(), { unreachable: 1 });
    }
  });

  it("is a miss with a wrong password, which nobody gets to read", async () => {
    const { cache, problems } = connected({ password: { secret: true, value: "not-the-password" } });
    assert.equal(await cache.get("a"), undefined);
    assert.deepEqual(problems.take(), { refused: 1 });
    assert.match(logged.join("\n"), /"problem":"refused","code":"WRONGPASS"/);
    assert.doesNotMatch(logged.join("\n"), /not-the-password|and: more/);
  });

  it("holds up nobody for long while the server hangs, and what was removed meanwhile stays away", async () => {
    const { cache, problems } = connected({ timeoutMs: 500 });
    await cache.put("gone", entryOf("secret"));
    assert.equal((await cache.get("gone"))?.meta, "secret");
    const lines = logged.length;
    redis.hang();
    try {
      const start = performance.now();
      assert.equal(await cache.get("gone"), undefined);
      const waited = performance.now() - start;
      assert.ok(waited > 400 && waited < 3000, String(waited));
      const next = performance.now();
      for (let nth = 0; nth < 100; nth += 1) await cache.get(`k${nth}`);
      assert.ok(performance.now() - next < 400, "after a failure nobody waits");
      await assert.rejects(cache.remove("gone"), { code: "store-unavailable" });
    } finally {
      redis.goOn();
    }
    await cache.put("here", entryOf("1"));
    await until(async () => {
      await cache.put("here", entryOf("1"));
      assert.equal(await cache.get("gone"), undefined);
      return (await cache.get("here")) !== undefined;
    }, "it does not come back");
    await until(async () => {
      await cache.get("gone");
      return (await connected().cache.get("gone")) === undefined;
    }, "what was removed is still there");
    assert.ok((problems.take().timeout ?? 0) >= 1);
    assert.ok(logged.length - lines <= 2, "problems are logged once a minute");
  });

  it("bounds what is under way", async () => {
    const { cache, problems } = connected();
    await cache.get("a");
    await Promise.all(Array.from({ length: 1500 }, (_, nth) => cache.get(`k${nth}`)));
    assert.deepEqual(problems.take(), { busy: 1500 - 1024 });
  });
});

describe("two gateways with one external cache", needsCommand("redis-server"), () => {
  let redis: TestRedis;
  let upstream: TestUpstream;
  let gateways: TestGateway[] = [];

  const definition = (prefix: string): string =>
    `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
cache: { external: { url: "redis://127.0.0.1:${redis.port}", password: { env: CACHE_PASSWORD }, prefix: "${prefix}", timeout: 20s } }
apis:
  responses:
    path: /responses
    backend: up
    access: public
    policies:
      inbound: [{ cache-lookup: { semantics: http } }]
      outbound: [{ cache-store: 60s }, base]
  values:
    path: /values
    backend: up
    access: public
    policies: { inbound: values.xml, outbound: [base] }
backends: { up: { url: "${upstream.url}" } }
`.replace("policies: { inbound: values.xml, outbound: [base] }", "policies: ./values.xml");

  const values = `<policies>
  <inbound>
    <base />
    <set-variable name="type" value="none" />
    <choose>
      <when condition='@(context.Request.Method == "PUT")'>
        <cache-store-value key="@(context.Request.Url.Query["k"][0])" value="@(new JObject(new JProperty("n", 7)))" duration="60" caching-type="external" />
      </when>
      <when condition='@(context.Request.Method == "PATCH")'>
        <cache-store-value key="@(context.Request.Url.Query["k"][0])" value="own" duration="60" caching-type="internal" />
      </when>
      <when condition='@(context.Request.Method == "DELETE")'>
        <cache-remove-value key="@(context.Request.Url.Query["k"][0])" />
      </when>
    </choose>
    <cache-lookup-value key="@(context.Request.Url.Query["k"][0])" variable-name="outside" />
    <cache-lookup-value key="@(context.Request.Url.Query["k"][0])" variable-name="inside" caching-type="internal" />
    <return-response>
      <set-status code="200" />
      <set-body>@((context.Variables.ContainsKey("outside") ? ((JObject)context.Variables["outside"])["n"].ToString() : "-") + context.Variables.GetValueOrDefault<string>("inside", "-"))</set-body>
    </return-response>
  </inbound>
  <backend><base /></backend>
  <outbound><base /></outbound>
  <on-error><base /></on-error>
</policies>`;

  before(async () => {
    redis = await TestRedis.start();
    upstream = await startUpstream((request, response) => {
      request.resume();
      response.setHeader("Cache-Control", "max-age=60");
      response.end(`answer ${upstream.seen.length}`);
    });
    const env = { CACHE_PASSWORD: redis.password };
    const options = {
      definition: definition("shared:"),
      files: { "values.xml": values },
      env,
      args: ["--workers", "2"],
    };
    gateways = await Promise.all([startTestGateway(options), startTestGateway(options)]);
  });
  after(async () => {
    await Promise.all(gateways.map((gateway) => gateway.cleanUp()));
    await upstream.close();
    await redis.close();
  });

  const ask = (nth: number, path: string, method = "GET"): Promise<TestResponse> =>
    call(gateways[nth]!, path, { method, headers: { connection: "close", host: "shared.example" } });
  const value = async (nth: number, key: string): Promise<string> => (await ask(nth, `/values?k=${key}`)).text;

  it("share responses, which a change empties for both", async () => {
    const { text } = await ask(0, "/responses/a");
    await until(async () => (await ask(1, "/responses/a")).text === text, "the other does not have it");
    assert.match(String((await ask(1, "/responses/a")).headers["cache-status"]), /^sallyport; hit/);
    assert.equal((await ask(1, "/responses/a", "POST")).status, 200);
    assert.notEqual((await ask(0, "/responses/a")).text, text);
    assert.doesNotMatch(redis.cli("KEYS", "*"), /responses/);
  });

  it("share values with their types, but not those of their own memory", async () => {
    assert.equal((await ask(0, "/values?k=v", "PUT")).status, 200);
    await until(async () => (await value(1, "v")) === "7-", "the other does not have it");
    assert.equal((await ask(1, "/values?k=v", "PATCH")).status, 200);
    await until(async () => (await value(1, "v")) === "7own", "it is not in memory");
    assert.equal(await value(0, "v"), "7-");
    assert.equal((await ask(0, "/values?k=v", "DELETE")).text, "--");
    assert.equal(await value(1, "v"), "-own");
  });

  it("go on without it, and with it when it is back", async () => {
    assert.equal((await ask(0, "/values?k=w", "PUT")).status, 200);
    await until(async () => (await value(1, "w")) === "7-", "the other does not have it");
    await redis.kill();
    for (const nth of [0, 1, 0, 1]) {
      assert.equal((await ask(nth, "/responses/b")).status, 200);
      assert.equal(await value(nth, "w"), "--");
      assert.equal((await ask(nth, "/responses/b", "POST")).status, 200);
    }
    const removed = await ask(0, "/values?k=w", "DELETE");
    assert.equal(removed.status, 503, `nobody knows whether it is gone: ${removed.text}`);
    await redis.start();
    await until(async () => {
      await ask(0, "/values?k=x", "PUT");
      return (await value(1, "x")) === "7-";
    }, "it does not come back");
    assert.doesNotMatch(gateways.map((gateway) => gateway.output()).join(""), /and: more/);
  });

  it("take another cache with a reload", async () => {
    await until(async () => {
      await ask(0, "/values?k=y", "PUT");
      return (await value(1, "y")) === "7-";
    }, "it is not shared before");
    writeFileSync(join(gateways[0]!.folder, "sallyport.yaml"), definition("alone:"));
    gateways[0]!.process.kill("SIGHUP");
    await until(async () => (await value(0, "y")) === "--", "the old one is still used");
    // A worker that found the server gone looks again after a pause.
    await until(async () => (await value(1, "y")) === "7-", "the other has lost it");
  });
});
