import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createSecureServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createInternalCa } from "#edge/internal-ca.ts";
import { plainFiles } from "#edge/secret-files.ts";
import { startCaddy } from "#test/support/front-proxy.ts";
import { startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";
import { askRaw } from "#test/security/raw-client.ts";
import { startStrictOrigin, type StrictOrigin, valuesOf } from "#test/security/strict-origin.ts";
import { definition, startAuthService } from "./auth-service.ts";
import { type Asked, send, startApplication, startAsked, teamKey } from "./setting.ts";

describe("forward-auth, over TLS", () => {
  it("asks the service by its own name, and about the client's Host", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sallyport-auth-"));
    const random = { bytes: (count: number) => randomBytes(count) };
    const clock = { now: () => Date.now(), mono: () => performance.now() };
    const log = { info(): void {}, warn(): void {}, error(): void {} };
    const ca = await createInternalCa({
      directory: join(folder, "ca"),
      clock,
      random,
      log,
      secrets: plainFiles(random),
    });
    const { chain, key } = await ca.issue(["localhost"]);
    writeFileSync(join(folder, "root.crt"), ca.rootCertificatePem);
    const names: (string | false | null)[] = [];
    const service = await startAuthService((listener) => {
      const server = createSecureServer({ cert: chain, key }, listener);
      return server.on("secureConnection", (socket) => void names.push(socket.servername ?? null));
    });
    const application = await startApplication();
    const gateway = await startTestGateway({
      definition: definition(application.port, { app: `https://localhost:${service.port}/verify` }),
      args: ["--workers", "1"],
      env: { TEAM_KEY: teamKey, NODE_EXTRA_CA_CERTS: join(folder, "root.crt") },
    });
    try {
      assert.equal((await send(gateway.port, "/app/x")).status, 200);
      assert.deepEqual(names, ["localhost"]);
      assert.deepEqual(valuesOf(service.asked[0]?.raw ?? [], "host"), ["app.test"]);
    } finally {
      await gateway.cleanUp();
      service.close();
      application.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("forward-auth, against Caddy", needsCommand("caddy"), () => {
  it("takes its 200 and its 401 for what they are", async () => {
    const caddy = await startCaddy(`
	@known header Authorization "Basic *"
	header @known Remote-User ann
	respond @known 200
	header WWW-Authenticate "Basic realm=caddy"
	respond "who are you?" 401`);
    const application = await startApplication();
    const gateway = await startTestGateway({
      definition: definition(application.port, { app: `http://127.0.0.1:${caddy.port}/` }),
      args: ["--workers", "1"],
      env: { TEAM_KEY: teamKey },
    });
    try {
      const nobody = await send(gateway.port, "/app/x", ["Remote-User", "root"]);
      assert.deepEqual([nobody.status, nobody.text], [401, "who are you?"]);
      assert.equal(nobody.headers["www-authenticate"], "Basic realm=caddy");
      assert.equal(
        (await send(gateway.port, "/app/x", ["Authorization", "Basic x", "Remote-User", "root"])).status,
        200,
      );
      assert.equal(application.seen.length, 1);
      assert.equal(application.seen[0]?.headers["remote-user"], "ann");
    } finally {
      await gateway.cleanUp();
      await caddy.stop();
      application.close();
    }
  });
});

/** Two gateways: one forwards and asks, the other decides. */
describe("forward-auth, against another Sallyport", () => {
  let asked: Asked;
  let application: StrictOrigin;
  let gateway: TestGateway;

  before(async () => {
    [asked, application] = await Promise.all([startAsked(), startStrictOrigin()]);
    gateway = await startTestGateway({
      definition: `version: 1
edge: { https: "off", listen: { http: "127.0.0.1:0" } }
apis:
  all:
    path: /
    backend: application
    access: public
    policies:
      inbound:
        - forward-auth:
            uri: http://127.0.0.1:${asked.gateway.port}/.sallyport/auth
            copyHeaders: [X-Auth-Request-User>Remote-User, X-Tenant]
backends: { application: { url: "${application.url}" } }
`,
      args: ["--workers", "1"],
    });
  });
  after(async () => {
    await gateway.cleanUp();
    await asked.close();
    await application.close();
  });

  const host = ["Host", "app.test"];

  it("passes who is allowed, with the identity that the other one found", async () => {
    const token = await asked.issuer.token({ sub: "ann", groups: ["staff"] });
    const fields = [...host, "Authorization", `Bearer ${token}`, "Remote-User", "root"];
    const reply = await send(gateway.port, "/orders/7?a=1", fields, { method: "POST", body: "an order" });
    assert.equal(reply.status, 200);
    const seen = application.requests.at(-1) ?? assert.fail("nothing arrived");
    assert.deepEqual([seen.method, seen.target, seen.body], ["POST", "/orders/7?a=1", "an order"]);
    assert.deepEqual(valuesOf(seen.fields, "remote-user"), ["ann"]);
    assert.deepEqual(valuesOf(seen.fields, "x-tenant"), ["ann-tenant"]);
  });

  it("hands its refusals on, problem document and challenge", async () => {
    const count = application.requests.length;
    const nobody = await send(gateway.port, "/orders/7", host);
    assert.deepEqual([nobody.status, nobody.json()["reason"]], [401, "credentials-missing"]);
    assert.match(String(nobody.headers["www-authenticate"]), /^Bearer/);
    assert.equal((await send(gateway.port, "/direct/x", host)).status, 403);
    assert.equal(application.requests.length, count);
  });

  it("trailers of a client cannot say again what was copied", async () => {
    const lines = ["Transfer-Encoding: chunked", "Trailer: Remote-User"];
    const { status } = await askRaw(gateway, "/open/x", [...lines, "", "1", "a", "0", "Remote-User: root"], "POST");
    assert.equal(status, 200);
    assert.deepEqual(application.requests.at(-1)?.body, "a");
    assert.deepEqual(application.requests.at(-1)?.trailers, []);
  });
});
