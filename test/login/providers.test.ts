import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "#test/support/free-port.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { IdentityProvider } from "#test/support/identity-provider.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";
import { Visitor } from "#test/support/visitor.ts";

/** A provider that knows the gateway by its key, and tells groups in ID tokens alone. */
describe("a provider that takes a key for a secret, and has groups in its tokens", () => {
  let upstream: TestUpstream | null = null;
  let gateway: TestGateway | null = null;
  let provider: IdentityProvider | null = null;

  after(async () => {
    await gateway?.cleanUp();
    await provider?.stop();
    await upstream?.close();
  });

  it("lets people log in, and a change of their groups comes with a refresh", async () => {
    const [port = 0] = await freePorts(1);
    const base = `https://localhost:${port}`;
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    upstream = await startUpstream();
    provider = await new IdentityProvider({
      gateway: base,
      groupsInToken: true,
      client: {
        client_secret: undefined,
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        jwks: { keys: [{ ...publicKey.export({ format: "jwk" }), kid: "own", use: "sig", alg: "ES256" } as never] },
      },
    }).start();
    provider.people["ada"] = { name: "Ada", groups: ["staff", "admins"] };
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:${port}", http: "127.0.0.1:0" } }
identity:
  session: { check: 1s }
  providers:
    corp:
      issuer: "${provider.issuer}"
      clientId: gateway
      clientKey: { file: own.key }
      login: { scopes: [openid, profile, offline_access], prompt: consent }
apis:
  app: { hosts: [localhost], path: /app, backend: up, access: [{ allow: '"staff" in principal.groups' }] }
backends: { up: { url: "${upstream.url}" } }
`,
      files: { "own.key": String(privateKey.export({ type: "pkcs8", format: "pem" })) },
      args: ["--workers", "1"],
    });
    const visitor = new Visitor(gateway.ca);
    const back = await visitor.logIn(`${base}/.sallyport/login?return=/app`, "ada");
    assert.equal(back.status, 200, gateway.output());
    assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-groups"], "staff,admins");
    provider.people["ada"] = { name: "Ada", groups: ["staff"] };
    for (let tries = 0; tries < 30 && upstream.seen.at(-1)?.headers["x-auth-request-groups"] !== "staff"; tries += 1) {
      await sleep(100);
      assert.equal((await visitor.go(`${base}/app`)).status, 200);
    }
    assert.equal(upstream.seen.at(-1)?.headers["x-auth-request-groups"], "staff");
  });
});
