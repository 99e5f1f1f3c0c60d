import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** The whole gateway, with a local stand-in of Container Apps' token endpoint. */
describe("the gateway's own identity", () => {
  let endpoint: TestUpstream;
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    endpoint = await startUpstream((request, response) => {
      request.resume();
      const { searchParams } = new URL(request.url ?? "", "http://endpoint");
      if (request.headers["x-identity-header"] !== "s3cret") return void response.writeHead(401).end("{}");
      if (searchParams.get("resource") === "api://none")
        return void response.writeHead(400).end('{"error":"no_identity"}');
      const access_token = `token-of-${searchParams.get("resource")}`;
      return void response.end(JSON.stringify({ access_token, expires_in: 86_400 }));
    });
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  vault:
    path: /vault
    backend: up
    access: public
    policies:
      inbound:
        - authentication-managed-identity: { resource: "api://\${request.query.r}" }
  sent:
    path: /sent
    backend: up
    access: public
    policies:
      inbound:
        - send-request:
            responseVariable: it
            policies: [{ set-url: "${upstream.url}/asked" }, { authentication-managed-identity: { resource: "api://sent" } }]
  owned: { path: /owned, backend: owned, access: public }
backends:
  up: { url: "${upstream.url}" }
  owned: { url: "${upstream.url}", authorization: { managedIdentity: { resource: "api://owned" } } }
`,
      args: ["--workers", "2"],
      env: { IDENTITY_ENDPOINT: `${endpoint.url}/msi/token`, IDENTITY_HEADER: "s3cret" },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await endpoint.close();
    await upstream.close();
  });

  it("is shown to the backend, by one token for all workers", async () => {
    for (let times = 0; times < 12; times += 1) {
      const headers = { connection: "close", authorization: "Bearer client" };
      assert.equal((await call(gateway, "/vault?r=a", { headers })).status, 200);
    }
    const shown = upstream.seen.map(({ headers }) => headers.authorization);
    assert.deepEqual(shown, Array(12).fill("Bearer token-of-api://a"));
    assert.equal(endpoint.seen.length, 1);
  });

  it("is shown to a backend that says so, without a policy", async () => {
    for (let times = 0; times < 6; times += 1) {
      const headers = { connection: "close", authorization: "Bearer client" };
      assert.equal((await call(gateway, "/owned/it", { headers })).status, 200);
      assert.equal(upstream.seen.at(-1)?.headers.authorization, "Bearer token-of-api://owned");
    }
    assert.equal(endpoint.seen.filter(({ url }) => url.includes("owned")).length, 1);
  });

  it("is shown to whom a policy calls", async () => {
    assert.equal((await call(gateway, "/sent")).status, 200);
    const asked = upstream.seen.find(({ url }) => url === "/asked");
    assert.equal(asked?.headers.authorization, "Bearer token-of-api://sent");
  });

  it("fails the request where there is none, and says why in the log, not to the client", async () => {
    const failed = await call(gateway, "/vault?r=none");
    assert.deepEqual([failed.status, failed.json()["reason"]], [500, "managed-identity-failed"]);
    assert.match(gateway.output(), /the identity endpoint answered 400 \(no_identity\)/);
    assert.doesNotMatch(gateway.output(), /s3cret/);
  });
});
