import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { decodeJwt } from "jose";
import { call } from "#test/support/client.ts";
import { type ExchangeProvider, exchangeGrant, startExchangeProvider } from "#test/support/exchange-provider.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

/** What a backend is shown instead of what the client sent: tokens of a real provider, had by the gateway. */
describe("Authorization of a backend", () => {
  let provider: ExchangeProvider;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));

  before(async () => {
    provider = await startExchangeProvider(publicKey);
    upstream = await startUpstream();
    const connection = `tokenUrl: "${provider.issuer}/token", clientId: gateway, clientKey: { env: CLIENT_KEY }, clientKeyId: c1`;
    const backend = (authorization: string): string => `{ url: "${upstream.url}", authorization: ${authorization} }`;
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
identity:
  actorHeader: X-Actor-Token
  providers: { corp: { issuer: "${provider.issuer}", audiences: ["api://front"], agents: [assistant] } }
connections:
  corp:
    own: { ${connection}, resource: "api://own" }
    caller: { ${connection}, grant: token-exchange, audience: "api://orders", resource: "api://orders" }
    shown: { ${connection}, grant: token-exchange, actor: client, audience: "api://shown", resource: "api://shown" }
    acted: { ${connection}, grant: token-exchange, actor: caller, audience: "api://acted", resource: "api://acted" }
apis:
  original: { path: /original, backend: original, access: public }
  none: { path: /none, backend: none, access: public }
  basic: { path: /basic, backend: basic, access: public }
  own: { path: /own, backend: own, access: public }
  caller: { path: /caller, backend: caller, access: public }
  shown: { path: /shown, backend: shown, access: public }
  acted: { path: /acted, backend: acted, access: [{ deny: 'principal.actors.exists(one, one.endsWith("|portal")) && principal.agent && request.method != "GET"' }, { allow: 'true' }] }
backends:
  original: ${backend("original")}
  none: ${backend("none")}
  basic: ${backend("{ username: gateway, password: { env: PASSWORD } }")}
  own: ${backend("{ connection: corp/own }")}
  caller: ${backend("{ connection: corp/caller }")}
  shown: ${backend("{ connection: corp/shown }")}
  acted: ${backend("{ connection: corp/acted }")}
`,
      env: { CLIENT_KEY: pem, PASSWORD: "pa:ss" },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream?.close();
    await provider?.close();
  });

  async function shown(path: string, token: string): Promise<string> {
    const response = await call(gateway, path, { headers: { authorization: `Bearer ${token}` }, fresh: true });
    assert.equal(response.status, 200, response.text);
    return String(upstream.seen.at(-1)?.headers.authorization);
  }

  const exchanges = (audience: string): number =>
    provider.asked.filter((one) => one["grant"] === exchangeGrant && one["audience"] === audience).length;

  it("is the client's, nobody's or Basic, as the backend says", async () => {
    const token = await provider.personToken("ann", "api://front");
    assert.equal(await shown("/original", token), `Bearer ${token}`);
    assert.equal(await shown("/none", token), "undefined");
    assert.equal(await shown("/basic", token), `Basic ${btoa("gateway:pa:ss")}`);
  });

  it("is the gateway's own, had by a key and shared by all workers", async () => {
    const token = await provider.personToken("ann", "api://front");
    const seen = new Set<string>();
    for (let times = 0; times < 6; times += 1) seen.add(await shown("/own", token));
    assert.equal(seen.size, 1);
    const claims = decodeJwt([...seen][0]?.slice("Bearer ".length) ?? "");
    assert.deepEqual([claims["client_id"], claims.aud], ["gateway", "api://own"]);
    assert.equal(provider.asked.filter(({ grant }) => grant === "client_credentials").length, 1);
  });

  it("is the caller's, exchanged: one for each, once for all workers, with whoever acts in it and in the record", async () => {
    const tokens = [await provider.personToken("ann", "api://front"), await provider.personToken("ben", "api://front")];
    const subjects: unknown[] = [];
    for (const token of [...tokens, ...tokens, ...tokens]) {
      const field = await shown("/caller", token);
      const claims = decodeJwt(field.slice("Bearer ".length));
      assert.deepEqual([claims.aud, claims["act"]], ["api://orders", { sub: "gateway" }]);
      subjects.push(claims.sub);
    }
    assert.deepEqual(subjects, ["ann", "ben", "ann", "ben", "ann", "ben"]);
    assert.equal(exchanges("api://orders"), 2);
    const response = await call(gateway, "/caller", { headers: { authorization: `Bearer ${tokens[0]}` } });
    const id = String(response.headers["x-request-id"]);
    const explained = await runCli(["explain", id, "--data", gateway.data, "--json"]);
    assert.match(explained.stdout, /connection corp\/caller, exchanged, act gateway/);
  });

  it("shows the token of whoever acts, where the connection says so", async () => {
    const token = await provider.personToken("cem", "api://front");
    const claims = decodeJwt((await shown("/shown", token)).slice("Bearer ".length));
    assert.deepEqual([claims.sub, claims["act"]], ["cem", { sub: "gateway", shown: true }]);
  });

  it("takes an agent's own token along, whose chain stands in the token, the principal and the record", async () => {
    const token = await provider.personToken("ann", "api://front", { sub: "portal", act: { sub: "desk" } });
    const actor = await provider.agentToken("api://front");
    const headers = { authorization: `Bearer ${token}`, "x-actor-token": actor };
    for (let times = 0; times < 4; times += 1) {
      const response = await call(gateway, "/acted", { headers, fresh: true });
      assert.equal(response.status, 200, response.text);
    }
    const reached = upstream.seen.at(-1)?.headers ?? {};
    assert.equal(reached["x-actor-token"], undefined);
    const claims = decodeJwt(String(reached.authorization).slice("Bearer ".length));
    const earlier = { act: { sub: "portal", act: { sub: "desk" } } };
    assert.deepEqual([claims.sub, claims["act"]], ["ann", { sub: "assistant", shown: true, ...earlier }]);
    assert.equal(exchanges("api://acted"), 1);
    const { headers: answered } = await call(gateway, "/acted", { headers });
    const id = String(answered["x-request-id"]);
    const record = JSON.parse((await runCli(["explain", id, "--data", gateway.data, "--json"])).stdout) as object;
    const text = JSON.stringify(record);
    assert.match(text, /"actors":\["[^"]*\|assistant","[^"]*\|portal","[^"]*\|desk"\]/);
    assert.match(text, /connection corp\/acted, exchanged, act assistant for portal for desk/);
    assert.ok(!text.includes(actor) && !gateway.output().includes(actor.slice(0, 60)));

    // Without the agent it is the gateway that acts; others' tokens are none of an agent's.
    const alone = decodeJwt((await shown("/acted", token)).slice("Bearer ".length));
    assert.deepEqual(alone["act"], { sub: "gateway", ...earlier });
    const other = { ...headers, "x-actor-token": await provider.personToken("eve", "api://front") };
    const refused = await call(gateway, "/acted", { headers: other });
    assert.deepEqual([refused.status, refused.json()["reason"]], [403, "actor-not-allowed"]);
    const body = await call(gateway, "/acted", { headers, method: "DELETE" });
    assert.deepEqual([body.status, body.json()["reason"]], [403, "access-denied"]);
  });

  it("is a refusal with a reason for a caller who has no token, or whose token is not taken", async () => {
    const reached = upstream.seen.length;
    const nobody = await call(gateway, "/caller");
    assert.deepEqual([nobody.status, nobody.json()["reason"]], [403, "token-exchange-refused"]);
    provider.refuse("eve");
    const headers = { authorization: `Bearer ${await provider.personToken("eve", "api://front")}` };
    const refused = await call(gateway, "/caller", { headers });
    assert.deepEqual([refused.status, refused.json()["reason"]], [403, "token-exchange-refused"]);
    assert.match(
      gateway.output(),
      /corp\/caller: its token endpoint exchanges no token of this caller \(invalid_grant\)/,
    );
    assert.equal(upstream.seen.length, reached);
    assert.ok(!gateway.output().includes(headers.authorization.slice(7, 60)));
  });
});
