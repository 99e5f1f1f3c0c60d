import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { after, before, describe, it } from "node:test";
import { askAdmin } from "#test/support/admin.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** No definition is reloaded here: what a key has opened ends with the key. */
describe("streams that were let in by a key", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 1\n\n");
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis: { events: { path: /events, backend: up } }
backends: { up: { url: "${upstream.url}" } }
products: { all: { apis: [events], groups: [developers] } }
`,
      args: ["--workers", "2"],
    });
    await send("POST /users", { id: "ann", email: "ann@example.com" });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  async function send(what: string, body: object = {}): Promise<Record<string, unknown>> {
    const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const answer = await askAdmin(gateway, what, Object.keys(body).length === 0 ? {} : json);
    assert.equal(answer.status, 200, `${what}: ${answer.text}`);
    return answer.json();
  }

  /** Resolves when the stream has ended, with how long that took. */
  async function open(name: string): Promise<() => Promise<number>> {
    const made = await send("POST /subscriptions", { name, scope: "product:all", owner: "ann" });
    const headers = { "Ocp-Apim-Subscription-Key": String(made["primaryKey"]) };
    const [response] = (await once(
      request({ host: "localhost", port: gateway.port, path: "/events", ca: gateway.ca, agent: false, headers }).end(),
      "response",
    )) as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    const ended = new Promise<void>((resolve) =>
      response
        .on("close", resolve)
        .on("error", () => {})
        .resume(),
    );
    return async () => {
      const from = performance.now();
      await ended;
      return performance.now() - from;
    };
  }

  it("end within a second when the key is suspended, changed or removed, or its user blocked", async () => {
    const changes: readonly (readonly [name: string, change: string])[] = [
      ["one", "POST /subscriptions/one/suspend"],
      ["two", "POST /subscriptions/two/regenerate-key?slot=primary"],
      ["three", "DELETE /subscriptions/three"],
      ["four", "POST /users/ann/block"],
    ];
    const other = await open("other");
    for (const [name, change] of changes) {
      const ended = await open(name);
      await send(change);
      assert.ok((await ended()) < 1000, change);
    }
    assert.ok((await other()) < 1000, "the other one is of the same user");
  });
});
