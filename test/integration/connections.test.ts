import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startService } from "#demo/services.ts";
import { call } from "#test/support/client.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const secret = "a secret: with / characters & more %20";
const policyXml = `<policies>
    <inbound>
        <base />
        <get-authorization-context provider-id="corp" authorization-id="@(context.Request.Headers.GetValueOrDefault("X-Which", "billing"))" context-variable-name="auth" identity-type="managed" ignore-error="true" />
        <choose>
            <when condition="@(context.Variables["auth"] == null)">
                <return-response><set-status code="418" /></return-response>
            </when>
        </choose>
        <set-header name="Authorization" exists-action="override">
            <value>@("Bearer " + ((Authorization)context.Variables["auth"])?.AccessToken)</value>
        </set-header>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
`;

/** Tokens of a real OpenID provider, for the credentials of a client, in the hands of policies. */
describe("connections", () => {
  let provider: Awaited<ReturnType<typeof startService>>;
  let upstream: TestUpstream;
  let gateway: TestGateway;
  before(async () => {
    const clients = { serviceSecret: secret, loginSecret: secret, redirectUri: "http://127.0.0.1/callback" };
    provider = await startService("provider", 0, clients);
    upstream = await startUpstream();
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
connections:
  corp:
    billing: { tokenUrl: "${provider.url}/token", clientId: billing, clientSecret: { env: BILLING_SECRET }, credentialsIn: header, scopes: [orders.read], resource: "api://orders" }
    wrong: { tokenUrl: "${provider.url}/token", clientId: billing, clientSecret: { env: WRONG_SECRET }, credentialsIn: header }
apis:
  xml: { path: /xml, backend: up, access: public, policies: ./xml.policy.xml }
  yaml:
    path: /yaml
    backend: up
    access: public
    policies:
      inbound:
        - get-authorization-context: { providerId: corp, authorizationId: "\${request.headers['x-which']}", contextVariable: auth }
        - set-header: { name: Authorization, values: ["Bearer \${variables.auth.accessToken}"] }
backends: { up: { url: "${upstream.url}" } }
`,
      files: { "xml.policy.xml": policyXml },
      env: { BILLING_SECRET: secret, WRONG_SECRET: "wrong-wrong-wrong" },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await upstream.close();
    await provider.stop();
  });

  it("give one token for all requests, of whichever worker, in either notation", async () => {
    for (let at = 0; at < 8; at += 1) {
      const headers = { "x-which": "billing" };
      assert.equal((await call(gateway, at % 2 === 0 ? "/xml" : "/yaml", { headers, fresh: true })).status, 200);
    }
    const tokens = new Set(upstream.seen.map(({ headers }) => String(headers.authorization)));
    assert.equal(tokens.size, 1);
    const [header = ""] = tokens;
    const [, claims = ""] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(header) ?? [];
    const { client_id: client, aud } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<
      string,
      string
    >;
    assert.deepEqual([client, aud], ["billing", "api://orders"]);
  });

  it("that cannot be had fail the request, or leave null where errors are to be ignored", async () => {
    for (const which of ["wrong", "none"]) {
      const failed = await call(gateway, "/yaml", { headers: { "x-which": which } });
      assert.deepEqual([failed.status, failed.json()["reason"]], [500, "connection-failed"]);
      assert.equal((await call(gateway, "/xml", { headers: { "x-which": which } })).status, 418);
    }
    assert.match(gateway.output(), /corp\/wrong: its token endpoint answered 401 \(invalid_client\)/);
    assert.ok(!gateway.output().includes("wrong-wrong-wrong"));
  });
});
