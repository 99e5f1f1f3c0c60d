import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call, type TestResponse } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

interface Recorded {
  readonly principal: {
    readonly kind: string;
    readonly id: string;
    readonly groups?: readonly string[];
    readonly authMethod: string;
    readonly actors?: readonly string[];
  };
  readonly tokenId?: string;
}

/** Who acts, and whose a key is: in the rules, and in the record. */
describe("agents and owners of keys, whole gateway", () => {
  let issuer: TokenIssuer;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  let key: string;

  before(async () => {
    issuer = await startIssuer();
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity: { providers: { corp: { issuer: "${issuer.url}", audiences: ["api://test"], agents: [assistant] } } }
apis:
  orders:
    path: /orders
    backend: up
    access:
      - deny: 'principal.agent && request.method != "GET"'
      - allow: principal.authenticated
  partners: { path: /partners, backend: up, access: [{ allow: '"developers" in principal.groups' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      args: ["--workers", "1"],
    });
    await send("POST /users", { id: "ann", email: "ann@example.com", firstName: "Ann" });
    key = String((await send("POST /subscriptions", { name: "anns", scope: "all", owner: "ann" }))["primaryKey"]);
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await issuer?.close();
  });

  async function send(what: string, body: object): Promise<Record<string, unknown>> {
    const headers = { "content-type": "application/json" };
    const answer = await askAdmin(gateway, what, { headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, answer.text);
    return answer.json();
  }

  const withToken = (token: string, method: string = "GET"): Promise<TestResponse> =>
    call(gateway, "/orders", { method, headers: { authorization: `Bearer ${token}` } });

  async function recordOf(response: TestResponse): Promise<Recorded> {
    await sleep(300);
    const { stdout } = await runCli([
      "explain",
      String(response.headers["x-request-id"]),
      "--data",
      gateway.data,
      "--json",
    ]);
    return JSON.parse(stdout) as Recorded;
  }

  it("an agent is one by itself and in the chain of who acts, which stands in the record", async () => {
    const alone = await issuer.token({ sub: "assistant", client_id: "assistant", jti: "t-1" });
    const asked = await withToken(alone);
    assert.equal(asked.status, 200);
    assert.equal((await withToken(alone, "DELETE")).json()["reason"], "access-denied");
    const chain = await issuer.token({ sub: "carl", act: { sub: "tool", act: { sub: "assistant" } } });
    const acting = await withToken(chain);
    assert.equal((await withToken(chain, "DELETE")).json()["reason"], "access-denied");
    const person = await issuer.token({ sub: "carl", azp: "console" });
    assert.equal((await withToken(person, "DELETE")).status, 200);
    const first = await recordOf(asked);
    assert.deepEqual(
      [first.principal.kind, first.principal.id, first.tokenId],
      ["agent", `${issuer.url}||assistant`, "t-1"],
    );
    const { principal } = await recordOf(acting);
    assert.deepEqual(
      [principal.kind, principal.id, principal.actors],
      ["user", `${issuer.url}||carl`, [`${issuer.url}||tool`, `${issuer.url}||assistant`]],
    );
  });

  it("a key of ann's is ann's, for rules and the record, and no proof that she calls", async () => {
    const headers = { "Ocp-Apim-Subscription-Key": key };
    const asked = await call(gateway, "/partners", { headers });
    assert.equal(asked.status, 200);
    assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-user"], undefined);
    assert.equal(upstream.seen.at(-1)?.headers["x-sallyport-subscription"], "anns");
    assert.equal((await call(gateway, "/orders", { headers })).json()["reason"], "credentials-missing");
    const { kind, id, groups, authMethod } = (await recordOf(asked)).principal;
    assert.deepEqual(
      [kind, id, groups, authMethod],
      ["user", "urn:sallyport:users||ann", ["developers"], "subscription-key"],
    );
    await send("PUT /users/ann", { email: "ann@example.com", groups: ["guests"] });
    assert.equal((await call(gateway, "/partners", { headers })).status, 401);
    await send("POST /revocations", { kind: "principal", id: "urn:sallyport:users||ann" });
    assert.equal((await call(gateway, "/partners", { headers })).json()["reason"], "principal-revoked");
  });
});
