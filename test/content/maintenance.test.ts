import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const definition = (url: string, orders: string): string => `version: 1
edge: { https: off, listen: { http: "127.0.0.1:0" }, trustedProxies: ["127.0.0.1"] }
maintenance: { enabled: "{{closed}}", retryAfter: 10m, page: ./closed.html, allow: 192.0.2.0/24 }
apis:
  all: { path: /, backend: up, access: public }
  orders: { path: /orders, backend: up, access: public, maintenance: ${orders} }
  open: { path: /open, backend: up, access: public, maintenance: false }
  held:
    path: /held
    backend: up
    access: [{ allow: principal.authenticated }]
    maintenance: { allowWhen: '"x-tester" in request.headers && request.headers["x-tester"] == "yes"' }
backends: { up: { url: "${url}" } }
environments: { dev: { values: { closed: true } } }
`;

describe("maintenance", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: definition(upstream.url, "{ retryAfter: 1s }"),
      files: { "closed.html": "<h1>Back soon</h1>\n" },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  it("answers everybody with 503, when to come back, and a page for browsers", async () => {
    const machine = await call(gateway, "/x");
    assert.deepEqual([machine.status, machine.json()["reason"]], [503, "maintenance"]);
    assert.equal(machine.headers["retry-after"], "600");
    assert.equal(machine.headers["vary"], "Accept");
    const browser = await call(gateway, "/x", { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
    assert.deepEqual([browser.status, browser.text], [503, "<h1>Back soon</h1>\n"]);
    assert.equal(browser.headers["content-type"], "text/html; charset=utf-8");
    assert.equal(browser.headers["cache-control"], "no-store");
    const api = await call(gateway, "/x", { headers: { accept: "application/json, text/html;q=0.1" } });
    assert.equal(api.headers["content-type"], "application/problem+json");
    assert.deepEqual(upstream.seen, []);
  });

  it("an API has its own say", async () => {
    assert.equal((await call(gateway, "/orders/x")).headers["retry-after"], "1");
    assert.equal((await call(gateway, "/open/x")).status, 200);
  });

  it("serves the addresses that are excepted", async () => {
    assert.equal((await call(gateway, "/x", { headers: { "x-forwarded-for": "192.0.2.7" } })).status, 200);
    assert.equal((await call(gateway, "/x", { headers: { "x-forwarded-for": "192.0.3.7" } })).status, 503);
  });

  it("serves who the rule excepts, and an exception opens no other door", async () => {
    assert.equal((await call(gateway, "/held/x")).status, 503);
    assert.equal((await call(gateway, "/held/x", { headers: { "x-tester": "no" } })).status, 503);
    const excepted = await call(gateway, "/held/x", { headers: { "x-tester": "yes" } });
    assert.deepEqual([excepted.status, excepted.json()["reason"]], [401, "credentials-missing"]);
  });

  it("ends with a reload", async () => {
    writeFileSync(join(gateway.folder, "sallyport.yaml"), definition(upstream.url, "false"));
    let status = 503;
    for (let tries = 0; status === 503 && tries < 200; tries += 1) {
      await sleep(25);
      ({ status } = await call(gateway, "/orders/x"));
    }
    assert.equal(status, 200);
  });
});
