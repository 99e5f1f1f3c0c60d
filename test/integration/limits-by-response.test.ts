import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** Limits that count by what came of a request, in a gateway of two workers. */
describe("limits by the response", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      const { pathname, searchParams } = new URL(request.url ?? "", "http://up");
      if (pathname === "/hang") return undefined;
      response.writeHead(Number(searchParams.get("status") ?? 200));
      return void response.end("x".repeat(Number(searchParams.get("bytes") ?? 0)));
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  login:
    path: /login
    backend: up
    access: public
    policies:
      inbound:
        - rate-limit-by-key: { calls: 2, period: 1h, key: '\${request.query.k}', condition: response.status == 401 }
  bytes:
    path: /bytes
    backend: up
    access: public
    policies:
      inbound:
        - quota-by-key: { bandwidth: 1000B, period: 1h, key: '\${request.query.k}' }
  paid:
    path: /paid
    backend: up
    access: public
    policies:
      inbound:
        - quota-by-key: { calls: 2, period: 1h, key: '\${request.query.k}', condition: response.status == 200 }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  const status = async (path: string): Promise<number> =>
    (await call(gateway, path, { headers: { connection: "close" } })).status;

  it("stop who fails too often, and count no success", async () => {
    for (let times = 0; times < 5; times += 1) assert.equal(await status("/login?k=a&status=200"), 200);
    for (let times = 0; times < 2; times += 1) assert.equal(await status("/login?k=a&status=401"), 401);
    assert.equal(await status("/login?k=a&status=200"), 429);
    assert.equal(await status("/login?k=b&status=401"), 401);
  });

  it("count who goes away before the answer", async () => {
    const controller = new AbortController();
    for (let times = 0; times < 2; times += 1) {
      const path = `http://127.0.0.1:${gateway.port}/login/hang?k=gone`;
      await assert.rejects(fetch(path, { signal: AbortSignal.any([controller.signal, AbortSignal.timeout(200)]) }));
    }
    for (let tries = 0; tries < 100 && (await status("/login?k=gone&status=200")) !== 429; tries += 1) await sleep(10);
    assert.equal(await status("/login?k=gone&status=200"), 429);
  });

  it("count bytes, and refuse when they are used up", async () => {
    assert.equal(await status("/bytes?k=a&bytes=600"), 200);
    assert.equal(await status("/bytes?k=a&bytes=600"), 200);
    for (let tries = 0; tries < 100 && (await status("/bytes?k=a")) !== 403; tries += 1) await sleep(10);
    const refused = await call(gateway, "/bytes?k=a");
    assert.equal(refused.status, 403);
    assert.match(String(refused.json()["detail"]), /^Out of bandwidth quota\. Quota will be replenished in 00:/);
    assert.equal(await status("/bytes?k=b"), 200);
  });

  it("count what has succeeded", async () => {
    for (let times = 0; times < 4; times += 1) assert.equal(await status("/paid?k=a&status=500"), 500);
    assert.deepEqual([await status("/paid?k=a"), await status("/paid?k=a")], [200, 200]);
    for (let tries = 0; tries < 100 && (await status("/paid?k=a&status=500")) !== 403; tries += 1) await sleep(10);
    assert.equal(await status("/paid?k=a"), 403);
  });
});
