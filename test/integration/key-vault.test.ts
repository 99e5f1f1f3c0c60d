import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { startUpstream, type TestUpstream } from "#test/support/upstream.ts";

const identifier = "https://my-vault.vault.azure.net/secrets/api-key";
const kek = randomBytes(32).toString("base64");

/** The whole gateway, with a local stand-in for Key Vault that speaks its REST API, and one for the identity endpoint. */
describe("values of Azure Key Vault", () => {
  let vault: TestUpstream;
  let identity: TestUpstream;
  let upstream: TestUpstream;
  let gateway: TestGateway | undefined;
  let folder: string;
  let env: Record<string, string>;
  let answer: { readonly status: number; readonly value: string };
  let kekStatus = 200;

  before(async () => {
    vault = await startUpstream((request, response) => {
      request.resume();
      const { pathname, searchParams } = new URL(request.url ?? "", "http://vault");
      const isKek = pathname === "/secrets/kek";
      const isAsked = (isKek || pathname === "/secrets/api-key") && searchParams.get("api-version") === "7.4";
      const isKnown = request.headers.authorization === "Bearer token-of-https://vault.azure.net-for-me";
      const known = isKek ? { status: kekStatus, value: kek } : answer;
      const status = isAsked && isKnown ? known.status : 401;
      const body = status === 200 ? { value: known.value, id: identifier } : { error: { code: "Forbidden" } };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    identity = await startUpstream((request, response) => {
      request.resume();
      const { searchParams } = new URL(request.url ?? "", "http://identity");
      const access_token = `token-of-${searchParams.get("resource")}-for-${searchParams.get("client_id")}`;
      response.end(JSON.stringify({ access_token, expires_in: 86_400 }));
    });
    upstream = await startUpstream();
    folder = mkdtempSync(join(tmpdir(), "sallyport-vault-"));
    env = {
      SALLYPORT_TEST_KEY_VAULT: vault.url,
      IDENTITY_ENDPOINT: `${identity.url}/token`,
      IDENTITY_HEADER: "h",
      SALLYPORT_KEK: "key-vault:https://my-vault.vault.azure.net/secrets/kek#client-id=me",
    };
  });
  after(async () => {
    await gateway?.cleanUp();
    rmSync(folder, { recursive: true, force: true });
    for (const server of [vault, identity, upstream]) await server?.close();
  });

  const definition = (): string => `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  a:
    path: /a
    backend: up
    access: public
    policies: { inbound: [base, { set-header: { name: X-Key, values: ["{{api-key}}"] } }] }
backends: { up: { url: "${upstream.url}" } }
environments:
  prod:
    values:
      api-key: { keyVault: { secretIdentifier: "${identifier}", identityClientId: me } }
`;
  async function keySent(): Promise<unknown> {
    assert.equal((await call(gateway as TestGateway, "/a")).status, 200);
    return upstream.seen.at(-1)?.headers["x-key"];
  }

  it("are not there at the start: nothing is served", async () => {
    answer = { status: 503, value: "" };
    await assert.rejects(startTestGateway({ definition: definition(), folder, env }), (error: Error) => {
      assert.match(error.message, /vault-unavailable/);
      assert.match(error.message, /my-vault.vault.azure.net answered 503/);
      return true;
    });
  });

  it("may hold the key-encryption key: without it nothing is served either", async () => {
    [answer, kekStatus] = [{ status: 200, value: "first-value" }, 403];
    await assert.rejects(startTestGateway({ definition: definition(), folder, env }), (error: Error) => {
      assert.match(error.message, /cannot be had from key vault .*\/secrets\/kek: .*403 \(seal-key-missing\)/);
      return true;
    });
    kekStatus = 200;
  });

  it("are read with the gateway's own identity, and again at a reload", async () => {
    answer = { status: 200, value: "first-value" };
    gateway = await startTestGateway({ definition: definition(), folder, env });
    assert.equal(await keySent(), "first-value");
    answer = { status: 200, value: "second-value" };
    const { code, stdout } = await runCli(["reload", "--data", gateway.data]);
    assert.equal(code, 0, stdout);
    assert.equal(await keySent(), "second-value");
  });

  it("are not kept by what the vault refuses: the definition before goes on", async () => {
    answer = { status: 403, value: "" };
    const { code, stderr } = await runCli(["reload", "--data", (gateway as TestGateway).data]);
    assert.equal(code, 1);
    assert.match(stderr, /vault-unavailable/);
    assert.equal(await keySent(), "second-value");
  });

  it("stay as they were while the vault is down, with a warning", async () => {
    answer = { status: 503, value: "" };
    const { code, stdout } = await runCli(["reload", "--json", "--data", (gateway as TestGateway).data]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /vault-stale/);
    assert.equal(await keySent(), "second-value");
  });

  it("stand in no output, and are checked with the definition", async () => {
    assert.doesNotMatch((gateway as TestGateway).output(), /first-value|second-value|token-of/);
    assert.ok(!(gateway as TestGateway).output().includes(kek));
    answer = { status: 200, value: "third-value" };
    const checked = await runCli(["check", "--config", join(folder, "sallyport.yaml")], env);
    assert.equal(checked.code, 0, checked.stderr);
    assert.doesNotMatch(checked.stdout + checked.stderr, /third-value/);
  });
});
