import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { recordsOf } from "../support/record.ts";
import type { StoredRecord } from "#model/record.ts";

const definition = (upstream: string): string => `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "http://127.0.0.1:9", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
apis:
  all:
    hosts: [localhost]
    path: /
    backend: up
    access: public
  other:
    hosts: [127.0.0.1]
    path: /other
    backend: up
    access: public
backends: { up: { url: "${upstream}" } }
`;

describe("the gateway's own pages", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: definition(upstream.url),
      args: ["--workers", "1"],
      env: { CORP_SECRET: "a secret of the test" },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  it("are answered here, as pages that nothing may frame and that run nothing", async () => {
    const { status, headers, text } = await call(gateway, "/.sallyport");
    assert.equal(status, 200);
    assert.match(text, /localhost/);
    assert.match(String(headers["content-security-policy"]), /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers["cache-control"], "no-store");
    assert.ok(headers["x-request-id"]);
  });

  it("are never the upstream's, however the path is spelled", async () => {
    const spellings = [
      "/.sallyport/nothing",
      "/%2esallyport/nothing",
      "/%2Esally%70ort/nothing",
      "//.sallyport//nothing",
      "/a/../.sallyport/nothing",
      "/a/%2e%2e/.sallyport/nothing",
      "/./.sallyport/nothing",
      "/.SALLYPORT/nothing",
      "/.sallyport;rev=1/nothing",
      "/.sallyport/nothing/../../.sallyport/nothing",
    ];
    for (const path of spellings) {
      const { status } = await call(gateway, path);
      assert.equal(status, 404, path);
    }
    assert.deepEqual(upstream.seen, []);
    assert.equal((await call(gateway, "/.sallyports")).status, 200, "another name is the upstream's");
    assert.equal(upstream.seen.length, 1);
  });

  it("say in the client's own terms what is wrong", async () => {
    const page = await call(gateway, "/.sallyport/nothing", { headers: { accept: "text/html" } });
    assert.match(page.headers["content-type"] ?? "", /text\/html/);
    assert.ok(page.text.includes(String(page.headers["x-request-id"])));
    const problem = await call(gateway, "/.sallyport/nothing");
    assert.equal(problem.json()["reason"], "route-not-found");
    const { status, headers } = await call(gateway, "/.sallyport", { method: "DELETE" });
    assert.deepEqual([status, headers.allow], [405, "GET, HEAD"]);
  });

  it("take no large body", async () => {
    const body = "x".repeat(65 * 1024);
    const page = await call(gateway, "/.sallyport", { method: "POST", body, headers: { accept: "text/html" } });
    assert.equal(page.status, 413);
    assert.ok(page.text.includes(`request id ${String(page.headers["x-request-id"])} (body-too-large)`), page.text);
    assert.equal((await call(gateway, "/.sallyport", { method: "POST", body })).json()["reason"], "body-too-large");
  });

  it("are recorded with the step that answered", async () => {
    const { headers } = await call(gateway, "/.sallyport/nothing?one=1");
    const record = await recordOf(gateway, String(headers["x-request-id"]));
    const [handover] = record.handovers;
    assert.deepEqual(
      [record.status, record.decision, handover?.step, handover?.reason],
      [404, "deny", "site", "route-not-found"],
    );
  });
});

async function recordOf(gateway: TestGateway, id: string): Promise<StoredRecord> {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = recordsOf(gateway).find((one) => one.id === id);
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`no record of ${id}`);
}
