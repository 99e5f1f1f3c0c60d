import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call, type TestResponse } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** `limit-concurrency` over two workers: every request comes on a connection of its own. */
describe("requests at a time", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  const held: ServerResponse[] = [];

  before(async () => {
    upstream = await startUpstream((request, response) => {
      request.resume();
      held.push(response);
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  narrow:
    path: /narrow
    backend: up
    access: public
    policies:
      backend:
        - limit-concurrency: { key: '\${request.query.k}', maxCount: 3, policies: [forward-request] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  const get = (key: string): Promise<TestResponse> =>
    call(gateway, `/narrow?k=${key}`, { headers: { connection: "close" } });

  async function reach(count: number): Promise<void> {
    for (let tries = 0; tries < 500 && held.length < count; tries += 1) await sleep(10);
    assert.equal(held.length, count);
  }

  it("are as many as may be, whichever worker has them, and each key has its own", async () => {
    const all = Array.from({ length: 12 }, () => get("a"));
    const refused = Promise.all(all.map((one) => Promise.race([one, sleep(20_000)])));
    await reach(3);
    const other = get("b");
    await reach(4);
    for (let times = 0; times < 20; times += 1) {
      const more = await get("a");
      assert.deepEqual([more.status, more.json()["reason"]], [429, "concurrency-exceeded"]);
    }
    for (const response of held.splice(0)) response.end("done");
    const statuses = (await refused).map((answer) => (answer as TestResponse).status);
    assert.deepEqual(statuses.toSorted(), [200, 200, 200, ...Array<number>(9).fill(429)]);
    assert.equal((await other).status, 200);
    const again = get("a");
    await reach(1);
    held.splice(0)[0]?.end("done");
    assert.equal((await again).status, 200);
  });
});
