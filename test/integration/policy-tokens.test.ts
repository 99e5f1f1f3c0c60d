import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CompactSign } from "jose";
import { startIssuer, type TokenIssuer } from "#test/security/token-issuer.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const tenant = "11111111-2222-3333-4444-555555555555";
const secret = Buffer.alloc(32, 3);

function definition(url: string): string {
  return `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  metadata: { path: /metadata, backend: echo, access: public, policies: metadata.xml }
  written: { path: /written, backend: echo, access: public, policies: written.xml }
  entra: { path: /entra, backend: echo, access: public, policies: entra.xml }
backends: { echo: { url: "${url}" } }
environments: { dev: { values: { signing-key: "${secret.toString("base64")}" } } }
`;
}

function inbound(xml: string): string {
  return `<policies><inbound><base />${xml}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
}

/** API Management's documents name keys and metadata; no provider of the definition knows these tokens. */
describe("tokens by keys of the policy, in API Management's notation", () => {
  let upstream: TestUpstream;
  let issuer: TokenIssuer;
  let entra: TokenIssuer;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startUpstream();
    issuer = await startIssuer();
    entra = await startIssuer("api-id", (url) => `${url}/${tenant}/v2.0`);
    const files = {
      "metadata.xml":
        inbound(`<validate-jwt header-name="Authorization" require-scheme="Bearer" failed-validation-error-message="Log in.">
        <openid-config url="${issuer.url}/.well-known/openid-configuration" />
        <audiences><audience>api://test</audience></audiences>
        <required-claims><claim name="roles" match="any"><value>reader</value></claim></required-claims></validate-jwt>`),
      "written.xml":
        inbound(`<validate-jwt query-parameter-name="t" clock-skew="5"><issuer-signing-keys><key>{{signing-key}}</key></issuer-signing-keys>
        <issuers><issuer>me</issuer></issuers></validate-jwt>`),
      "entra.xml": inbound(`<validate-azure-ad-token tenant-id="${entra.url}/${tenant}">
        <client-application-ids><application-id>app-a</application-id></client-application-ids>
        <audiences><audience>api-id</audience></audiences></validate-azure-ad-token>`),
    };
    gateway = await startTestGateway({ definition: definition(upstream.url), files, args: ["--workers", "1"] });
  });
  after(async () => {
    await gateway?.cleanUp();
    await Promise.all([upstream.close(), issuer.close(), entra.close()]);
  });

  async function answer(path: string, token?: string): Promise<string> {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const { status, json } = await call(gateway, path, { headers });
    return status === 200 ? "200" : `${status} ${String(json()["reason"])}`;
  }

  it("pass by the keys that the metadata names", async () => {
    assert.equal(await answer("/metadata", await issuer.token({ roles: ["reader"] })), "200");
    assert.equal(await answer("/metadata", await issuer.token({ roles: ["x"] })), "401 token-claim-not-allowed");
    assert.equal(await answer("/metadata", await entra.token({ roles: ["reader"] })), "401 token-signature-invalid");
    assert.equal(await answer("/metadata"), "401 token-missing");
    const refused = await call(gateway, "/metadata");
    assert.equal(refused.json()["message"], "Log in.");
  });

  it("pass by a written key, which is a secret of the environment", async () => {
    const sign = (iss: string, key: Uint8Array): Promise<string> =>
      new CompactSign(Buffer.from(JSON.stringify({ iss, exp: Math.floor(Date.now() / 1000) + 60 })))
        .setProtectedHeader({ alg: "HS256" })
        .sign(key);
    assert.equal(await answer(`/written?t=${await sign("me", secret)}`), "200");
    assert.equal(await answer(`/written?t=${await sign("you", secret)}`), "401 token-issuer-unknown");
    assert.equal(await answer(`/written?t=${await sign("me", Buffer.alloc(32, 4))}`), "401 token-signature-invalid");
  });

  it("pass by the tenant and the client application", async () => {
    const iss = `${entra.url}/${tenant}/v2.0`;
    assert.equal(await answer("/entra", await entra.token({ iss, azp: "app-a" })), "200");
    const first = `https://sts.windows.net/${tenant}/`;
    assert.equal(await answer("/entra", await entra.token({ iss: first, appid: "app-a" })), "200");
    assert.equal(await answer("/entra", await entra.token({ iss, azp: "app-b" })), "401 token-claim-not-allowed");
    assert.equal(await answer("/entra", await entra.token({ azp: "app-a" })), "401 token-issuer-unknown");
  });
});
