import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CompactSign, exportJWK, generateKeyPair } from "jose";
import { codes, loadText } from "#config/fixture.test-helper.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const keepMs = 1000;

describe("the userinfo endpoint, asked with the caller's token", () => {
  /** What it says by token; a number is a status. */
  const says = new Map<string, object | number>();
  let asked = 0;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let issuer = "";
  let provider: Server;
  let upstream: TestUpstream;
  let gateway: TestGateway;

  before(async () => {
    keys = await generateKeyPair("ES256", { extractable: true });
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES256", use: "sig" };
    provider = createServer(({ url, headers }, response) => {
      const token = headers.authorization?.slice("Bearer ".length) ?? "";
      const answer = (): object | number => {
        if (url === "/keys") return { keys: [jwk] };
        if (url !== "/me") return { issuer, jwks_uri: `${issuer}/keys`, userinfo_endpoint: `${issuer}/me` };
        asked += 1;
        return says.get(token) ?? 401;
      };
      const said = answer();
      const status = typeof said === "number" ? said : 200;
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(said));
    });
    provider.listen(0, "127.0.0.1");
    await once(provider, "listening");
    issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
    upstream = await startUpstream((incoming, response) => {
      if (incoming.url?.includes("events") !== true) return void response.end("{}");
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: first\n\n");
    });
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer}", audiences: [orders], userInfo: { keep: 1s } } } }
apis:
  orders: { path: /orders, backend: up, access: [{ allow: '"staff" in principal.groups || principal.kind == "service"' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await upstream.close();
    provider.closeAllConnections();
    provider.close();
  });

  function tokenOf(claims: object): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: issuer, aud: "orders", sub: "ann", iat: now, exp: now + 600, ...claims };
    return new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({ alg: "ES256", kid: "k", typ: "at+jwt" })
      .sign(keys.privateKey);
  }

  async function ask(token: string): Promise<string> {
    const response = await call(gateway, "/orders", { headers: { authorization: `Bearer ${token}` }, fresh: true });
    return `${response.status} ${response.status === 200 ? "" : String(response.json()["reason"])}`.trim();
  }

  async function openStream(token: string): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${token}` };
    const agent = new Agent({ keepAlive: false });
    const sent = request({ host: "127.0.0.1", port: gateway.port, path: "/orders/events", agent, headers }).end();
    sent.on("error", () => {});
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.on("error", () => {}).resume();
    assert.equal(response.statusCode, 200);
    return response;
  }

  async function becomes(token: string, expected: string): Promise<void> {
    const until = performance.now() + 4 * keepMs;
    while (performance.now() < until && (await ask(token)) !== expected) await sleep(50);
    assert.equal(await ask(token), expected);
  }

  it("says which groups a token's person is in now, once for all workers, and streams follow it", async () => {
    const token = await tokenOf({ groups: [] });
    says.set(token, { sub: "ann", groups: ["staff"] });
    asked = 0;
    const said = await Promise.all(Array.from({ length: 12 }, () => ask(token)));
    assert.deepEqual([[...new Set(said)], asked], [["200"], 1]);
    assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-groups"], "staff");
    const stream = await openStream(token);
    says.set(token, { sub: "ann", groups: ["others"] });
    await becomes(token, "403 access-denied");
    for (let tries = 0; tries < 100 && !stream.closed; tries += 1) await sleep(50);
    assert.ok(stream.closed);
  });

  it("ends a token that it does not take any more, and believes no word on somebody else", async () => {
    const token = await tokenOf({ jti: "second" });
    says.set(token, { sub: "ann", groups: ["staff"] });
    assert.equal(await ask(token), "200");
    says.delete(token);
    await becomes(token, "401 token-revoked");
    says.set(token, { sub: "bob", groups: ["staff"] });
    await becomes(token, "503 groups-unavailable");
    for (const status of [403, 500]) {
      says.set(token, status);
      await becomes(token, "503 groups-unavailable");
    }
    says.set(token, { sub: "ann", groups: ["staff"] });
    await becomes(token, "200");
    assert.match(gateway.output(), /groups could not be had.*it speaks of somebody else/);
    assert.ok(!gateway.output().includes(token.slice(-40)));
  });

  it("is not asked about programs, nor about what it cannot be shown", async () => {
    asked = 0;
    assert.equal(await ask(await tokenOf({ sub: "app", client_id: "app", gty: "client-credentials" })), "200");
    assert.equal(asked, 0);
  });

  it("is refused at load where tokens are not for it", async () => {
    const found = async (written: string): Promise<readonly string[]> => {
      const result = await loadText(`version: 1
identity: { providers: { corp: { audiences: [x], userInfo: true, ${written} } } }
apis: { a: { path: /a, access: public, respond: { status: 204 } } }
`);
      return codes(result).map((code) => code.split(" ")[0] ?? "");
    };
    assert.deepEqual(await found("issuer: https://login.example.com"), []);
    const entra = `preset: entra-id-v2, tenants: ["aaaabbbb-0000-cccc-1111-dddd2222eeee"]`;
    for (const wrong of [entra, "preset: google", "issuer: https://login.example.com, dpop: required"]) {
      assert.deepEqual(await found(wrong), ["value-invalid"], wrong);
    }
  });
});
