import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** Outbound policies act on a response whose body is still coming. */
describe("outbound", () => {
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let open = 0;

  before(async () => {
    upstream = await startUpstream((_request, response) => {
      open += 1;
      response.writeHead(200, { "content-type": "text/plain", vary: "Accept" });
      const timer = setInterval(() => response.write("more "), 20);
      response.on("close", () => {
        open -= 1;
        clearInterval(timer);
      });
    });
    const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  replaced:
    path: /replaced
    backend: endless
    access: public
    policies: { outbound: [base, { set-body: "instead of \${response.status}" }] }
  answered:
    path: /answered
    backend: endless
    access: public
    policies: { outbound: [base, { return-response: { status: 418 } }] }
  broken:
    path: /broken
    backend: endless
    access: public
    policies: { outbound: [base, { set-header: { name: X-A, values: ["\${variables.missing}"] } }] }
backends: { endless: { url: "${upstream.url}" } }
`;
    gateway = await startTestGateway({ definition, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
  });

  for (const [path, status] of [
    ["/replaced", 200],
    ["/answered", 418],
    ["/broken", 500],
  ] as const) {
    it(`${path}: the client has its ${status}, and the upstream is let go`, async () => {
      const response = await call(gateway, path);
      assert.equal(response.status, status);
      if (path === "/replaced") assert.equal(response.text, "instead of 200");
      for (let tries = 0; open > 0 && tries < 100; tries += 1) await sleep(20);
      assert.equal(open, 0);
    });
  }
});
