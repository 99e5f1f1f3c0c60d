import assert from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { opensslAbsent, TestCa } from "#upstream/certificates.test-helper.ts";

const policies = `<policies><inbound><base />
    <set-backend-service backend-id="shop" sf-service-instance-name="@("fabric:/shop/" + context.Request.Headers.GetValueOrDefault("X-Service", "orders"))"
      sf-resolve-condition="@(context.LastError?.Reason == "BackendConnectionFailure")" sf-listener-name="api" /></inbound>
  <backend><base /></backend>
  <outbound><base /></outbound><on-error><base /></on-error></policies>`;

/** The whole gateway, with a local stand-in for a cluster's management API, which wants a client certificate. */
describe("services of Service Fabric", { skip: opensslAbsent }, () => {
  let ca: TestCa;
  let management: Server;
  let replica: TestUpstream;
  let gateway: TestGateway;
  /** Where the cluster says that the service is. */
  let address = "";
  const asked: string[] = [];

  before(async () => {
    ca = new TestCa();
    replica = await startUpstream();
    const client = ca.issue("DNS:gateway.example");
    const tls = { ...ca.issue("DNS:localhost"), ca: ca.pem, requestCert: true, rejectUnauthorized: true };
    management = createServer(tls, (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "https://cluster");
      const name = (request.socket as TLSSocket).getPeerX509Certificate()?.subjectAltName;
      asked.push(`${name} ${pathname} ${searchParams.get("PreviousRspVersion")}`);
      if (pathname !== "/Services/shop~orders/$/ResolvePartition") return void response.writeHead(404).end("{}");
      const Address = JSON.stringify({ Endpoints: { api: address } });
      return void response.end(
        JSON.stringify({
          Name: "fabric:/shop/orders",
          Version: `v${asked.length}`,
          Endpoints: [{ Kind: "Stateless", Address }],
        }),
      );
    });
    await new Promise<void>((resolve) => management.listen(0, "127.0.0.1", resolve));
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
certificates: { me: { certificate: me.pem, key: { file: me.key } } }
serviceFabric:
  shop: { endpoints: "https://localhost:${(management.address() as AddressInfo).port}", clientCertificate: me, ca: ca.pem }
apis: { orders: { path: /orders, access: public, policies: policies.xml } }
`,
      files: { "ca.pem": ca.pem, "me.pem": client.cert, "me.key": client.key, "policies.xml": policies },
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    management?.closeAllConnections();
    management?.close();
    await replica?.close();
    ca?.remove();
  });

  it("are found as the gateway's own, kept in mind, and looked up again where nobody is there any more", async () => {
    const resolve = "DNS:gateway.example /Services/shop~orders/$/ResolvePartition";
    address = `${replica.url}/first`;
    assert.equal((await call(gateway, "/orders/7?x=1")).json()["path"], "/first/7?x=1");
    assert.equal((await call(gateway, "/orders/8")).json()["path"], "/first/8");
    assert.deepEqual(asked, [`${resolve} null`]);
    // The instance goes, and comes back elsewhere.
    const moved = await startUpstream();
    const { url } = replica;
    await replica.close();
    replica = moved;
    address = `${moved.url}/second`;
    assert.notEqual(moved.url, url);
    assert.equal((await call(gateway, "/orders/9")).json()["path"], "/second/9");
    assert.deepEqual(asked.slice(1), [`${resolve} v1`]);
  });

  it("that are not there are a failure of the backend", async () => {
    const missing = await call(gateway, "/orders/7", { headers: { "x-service": "none" } });
    assert.deepEqual([missing.status, missing.json()["reason"]], [502, "upstream-connect-failed"]);
  });
});
