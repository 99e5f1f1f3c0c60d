import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { navigation, Visitor } from "#test/support/visitor.ts";

/** A provider that lets everybody wait for their tokens. */
describe("a flood of codes", () => {
  let provider: Server;
  let gateway: TestGateway;
  let base = "";
  /** Codes that it has now, and had at most. */
  let [busy, busiest, asked] = [0, 0, 0];

  before(async () => {
    const [port = 0] = await freePorts(1);
    base = `https://localhost:${port}`;
    provider = createServer(({ url }, response) => {
      if (url === "/token") {
        asked += 1;
        busiest = Math.max(busiest, (busy += 1));
        return void response.on("close", () => (busy -= 1));
      }
      const issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
      const places = { authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` };
      const metadata = { issuer, jwks_uri: `${issuer}/jwks`, ...places };
      const body = url === "/jwks" ? { keys: [] } : metadata;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    provider.listen(0, "127.0.0.1");
    await once(provider, "listening");
    const issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  providers:
    corp: { issuer: "${issuer}", clientId: gateway, clientSecret: { env: CORP_SECRET }, login: true }
apis:
  app: { hosts: [localhost], path: /app, access: public, policies: { inbound: [base, { return-response: { status: 200 } }] } }
`,
      args: ["--workers", "2"],
      env: { CORP_SECRET: "secret" },
    });
  });
  after(async () => {
    await gateway.cleanUp();
    provider.closeAllConnections();
    provider.close();
  });

  it("reaches the provider a few at a time, is refused soon beyond, and holds up nobody else", async () => {
    const visitor = new Visitor(gateway.ca);
    const begun = await visitor.go(`${base}/.sallyport/login`, { follow: false });
    const state = new URL(String(begun.headers.location)).searchParams.get("state") ?? "";
    const back = `${base}/.sallyport/callback?code=x&state=${encodeURIComponent(state)}`;
    const startedAt = performance.now();
    let refused = 0;
    const all = Array.from({ length: 60 }, async () => {
      const { status, headers, text } = await visitor.go(back, { follow: false, headers: navigation });
      if (headers["retry-after"] === undefined) return;
      refused += 1;
      assert.equal(status, 503);
      assert.match(headers["content-type"] ?? "", /text\/html/, "whoever refuses it");
      assert.ok(text.includes(`request id ${String(headers["x-request-id"])} (overloaded)`), text);
      assert.ok(performance.now() - startedAt < 9000, "those before it have been given up once at most");
    });
    const session = await visitor.go(`${base}/.sallyport/session`, { follow: false });
    assert.ok(session.status < 500, session.text);
    assert.ok(performance.now() - startedAt < 3000, "while the others wait");
    await Promise.all(all);
    assert.ok(performance.now() - startedAt < 20_000);
    assert.equal(refused, 60 - asked);
    assert.ok(refused > 0);
    assert.equal(busiest, 16);
  });
});
