import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { call } from "#test/support/client.ts";
import { ready, runCli, spawnCli, type TestGateway } from "#test/support/gateway.ts";
import { navigation, Visitor } from "#test/support/visitor.ts";
import { needsCommand, root } from "#test/support/require.ts";

const run = promisify(execFile);
const demo = join(root, "demo", "main.ts");

interface Credentials {
  readonly SALLYPORT_URL: string;
  readonly SALLYPORT_KEY: string;
  readonly SALLYPORT_TOKEN: string;
  readonly SALLYPORT_CA: string;
}

/** The main job, end to end, with real parts: provider, keys, upstream, TLS clients. */
describe("quick start", () => {
  let gateway: TestGateway;
  let service: Credentials;

  before(async () => {
    const data = mkdtempSync(join(tmpdir(), "sallyport-demo-"));
    gateway = await ready(spawnCli(demo, ["run", "--any-ports", "--data", data, "--workers", "2"]), data, data);
    service = await credentials("billing");
  });
  after(() => gateway.cleanUp());

  async function credentials(who: string): Promise<Credentials> {
    const { stdout, stderr, code } = await runCli(["credentials", "--data", gateway.data, "--as", who], {}, demo);
    assert.equal(code, 0, stderr);
    const pairs = [...stdout.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]);
    return Object.fromEntries(pairs) as unknown as Credentials;
  }

  const headersOf = ({ SALLYPORT_KEY, SALLYPORT_TOKEN }: Credentials): Record<string, string> => ({
    "ocp-apim-subscription-key": SALLYPORT_KEY,
    authorization: `Bearer ${SALLYPORT_TOKEN}`,
  });

  async function explained(id: string): Promise<string> {
    for (let tries = 0; tries < 50; tries += 1) {
      const { code, stdout } = await runCli(["explain", id, "--data", gateway.data]);
      if (code === 0) return stdout;
      await sleep(100);
    }
    throw new Error(`no record of ${id}`);
  }

  it("prints what to try, each line with --cacert and none with -k", async () => {
    await sleep(50);
    assert.match(gateway.output(), /sallyport ready https:\/\/localhost:\d+ /);
    assert.match(gateway.output(), /curl --cacert/);
    assert.match(gateway.output(), /npx sallyport explain/);
    assert.doesNotMatch(gateway.output(), /curl[^\n]* -k/);
  });

  it("refuses without a key, saying why in the answer, in its headers and in the record", async () => {
    const response = await call(gateway, "/orders");
    assert.equal(response.status, 401);
    assert.equal(response.headers["content-type"], "application/problem+json");
    assert.match(String(response.headers["www-authenticate"]), /AzureApiManagementKey realm="https:\/\/localhost/);
    assert.equal(response.json()["reason"], "key-missing");
    const text = await explained(String(response.headers["x-request-id"]));
    assert.match(text, /key-missing/);
    assert.match(text, /Send a subscription key/);
  });

  it("refuses a good key without a token", async () => {
    const response = await call(gateway, "/orders", {
      headers: { "ocp-apim-subscription-key": service.SALLYPORT_KEY },
    });
    assert.equal(response.status, 401);
    assert.equal(response.json()["reason"], "credentials-missing");
  });

  it("refuses a key that is not one, and a token that was changed", async () => {
    const badKey = await call(gateway, "/orders", {
      headers: { ...headersOf(service), "ocp-apim-subscription-key": "sp_nope" },
    });
    assert.deepEqual([badKey.status, badKey.json()["reason"]], [401, "key-invalid"]);
    const [head = "", body = "", signature = ""] = service.SALLYPORT_TOKEN.split(".");
    const forged = [head, body, `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`].join(".");
    const badToken = await call(gateway, "/orders", {
      headers: { ...headersOf(service), authorization: `Bearer ${forged}` },
    });
    assert.deepEqual([badToken.status, badToken.json()["reason"]], [401, "token-signature-invalid"]);
    assert.match(String(badToken.headers["www-authenticate"]), /invalid_token.*token-signature-invalid/);
  });

  it("lets a service through with key and token, and tells the upstream who it is", async () => {
    const response = await call(gateway, "/orders", { headers: headersOf(service) });
    assert.equal(response.status, 200, response.text);
    assert.equal(response.json()["caller"], "billing");
    const text = await explained(String(response.headers["x-request-id"]));
    for (const word of ["billing", "authenticate", "access", "inbound", "forward", "200"])
      assert.match(text, new RegExp(word));
    assert.doesNotMatch(text, new RegExp(service.SALLYPORT_KEY));
  });

  it("tells people apart: engineering may cancel an order, sales may not even look", async () => {
    const alice = headersOf(await credentials("alice"));
    const bob = headersOf(await credentials("bob"));
    const asBob = await call(gateway, "/orders", { headers: bob });
    assert.equal(asBob.status, 200, "bob holds the scope orders.read");
    const bobDeletes = await call(gateway, "/orders/2", { method: "DELETE", headers: bob });
    assert.deepEqual([bobDeletes.status, bobDeletes.json()["reason"]], [403, "access-denied"]);
    const aliceDeletes = await call(gateway, "/orders/2", { method: "DELETE", headers: alice });
    assert.equal(aliceDeletes.status, 204);
    const gone = await call(gateway, "/orders/2", { headers: alice });
    assert.equal(gone.status, 404);
    assert.equal(gone.json()["message"], "no such order", "a 404 of the upstream is the upstream's");
  });

  it("logs people in with their browser, shows who they are, and logs them out", async () => {
    const browser = new Visitor(gateway.ca);
    const page = await browser.logIn(`${gateway.url}/hello?from=start`, "alice");
    assert.deepEqual(
      [page.status, page.url, page.text],
      [200, `${gateway.url}/hello?from=start`, "Hello Alice Adler of engineering. To log out: /.sallyport/logout"],
    );
    const { status, text } = await browser.go(`${gateway.url}/.sallyport/logout`, {
      method: "POST",
      headers: { ...navigation, "sec-fetch-site": "same-origin" },
    });
    assert.equal(status, 200);
    assert.match(text, /<form[^>]*\/session\/end\/confirm/, "and at the provider, which asks");
    assert.equal(browser.cookie("localhost", "__Host-sallyport-session"), undefined);
  });

  it("answers 404 for a route that is not there and 405 for a method that is not", async () => {
    assert.equal((await call(gateway, "/nowhere")).json()["reason"], "route-not-found");
    const response = await call(gateway, "/orders/1", { method: "PUT", headers: headersOf(service) });
    assert.deepEqual([response.status, response.headers["allow"]], [405, "DELETE, GET, HEAD"]);
  });

  for (const version of ["--http1.1", "--http2"]) {
    it(`curl ${version} gets through`, needsCommand("curl"), async () => {
      const headers = Object.entries(headersOf(service)).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
      const args = ["-sS", version, "--cacert", service.SALLYPORT_CA, "-w", "%{http_code} %{http_version}", ...headers];
      const { stdout } = await run("curl", [...args, `${service.SALLYPORT_URL}/orders`]);
      assert.match(stdout, /lantern.*200 (1\.1|2)$/);
      assert.ok(stdout.endsWith(version === "--http2" ? " 2" : "1.1"));
    });
  }

  it("openssl s_client gets through, and verifies the chain", needsCommand("openssl"), async () => {
    const request = `GET /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nOcp-Apim-Subscription-Key: ${service.SALLYPORT_KEY}\r\nAuthorization: Bearer ${service.SALLYPORT_TOKEN}\r\n\r\n`;
    const args = [
      "s_client",
      "-connect",
      `localhost:${gateway.port}`,
      "-servername",
      "localhost",
      "-CAfile",
      service.SALLYPORT_CA,
      "-verify_return_error",
      "-quiet",
      "-ign_eof",
    ];
    const child = run("openssl", args);
    child.child.stdin?.write(request);
    const { stdout } = await child;
    child.child.stdin?.end();
    assert.match(stdout, /^HTTP\/1\.1 200 OK/m);
    assert.match(stdout, /lantern/);
  });

  it("fetch, a browser-grade client, gets through with the CA in its trust store", async () => {
    const script = `const r = await fetch(process.env.U + "/orders", { headers: JSON.parse(process.env.H) }); console.log(r.status, await r.text());`;
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: service.SALLYPORT_CA,
      U: service.SALLYPORT_URL,
      H: JSON.stringify(headersOf(service)),
    };
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script], { env });
    assert.match(stdout, /^200 .*lantern/);
  });

  it("offers TLS 1.2 and 1.3 only", async () => {
    const tls = (minVersion: "TLSv1.2", maxVersion: "TLSv1.2" | "TLSv1.3"): Promise<string | null> =>
      new Promise((resolve, reject) => {
        const socket = connectTls(
          { port: gateway.port, host: "localhost", servername: "localhost", ca: gateway.ca, minVersion, maxVersion },
          () => {
            resolve(socket.getProtocol());
            socket.destroy();
          },
        );
        socket.once("error", reject);
      });
    assert.equal(await tls("TLSv1.2", "TLSv1.2"), "TLSv1.2");
    assert.equal(await tls("TLSv1.2", "TLSv1.3"), "TLSv1.3");
    const old = new Promise((resolve, reject) => {
      const socket = connectTls(
        {
          port: gateway.port,
          host: "localhost",
          ca: gateway.ca,
          minVersion: "TLSv1",
          maxVersion: "TLSv1.1",
          ciphers: "DEFAULT@SECLEVEL=0",
        },
        () => resolve(undefined),
      );
      socket.once("error", reject);
    });
    await assert.rejects(old);
  });

  it("keeps its secrets to their owner, and out of what it prints", () => {
    for (const file of [
      "demo/orders.key",
      "demo/provider.secret",
      "demo/login.secret",
      "demo/state.json",
      "pepper.key",
      "ca/root.key",
      "sallyport.db",
    ]) {
      assert.equal(statSync(join(gateway.data, file)).mode & 0o077, 0, file);
    }
    const secrets = ["provider", "login"].map((name) =>
      readFileSync(join(gateway.data, "demo", `${name}.secret`), "utf8"),
    );
    for (const value of [service.SALLYPORT_KEY, ...secrets, service.SALLYPORT_TOKEN])
      assert.ok(!gateway.output().includes(value));
  });

  it("leaves a record that verifies", async () => {
    const { code, stdout } = await runCli(["audit", "verify", "--data", gateway.data]);
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\d+ records/);
  });

  it("is refused with a production environment", async () => {
    for (const name of ["prod", "production"]) {
      const { code, stderr } = await runCli(["run", "--env", name, "--any-ports", "--data", gateway.data], {}, demo);
      assert.equal(code, 1);
      assert.match(stderr, /never for production/);
    }
  });

  it("ends with 0 on SIGTERM, and says where its folder is still in use until then", async () => {
    const second = await runCli(["run", "--any-ports", "--data", gateway.data], {}, demo);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /another gateway uses the data folder/);
    assert.equal(await gateway.stop(), 0);
  });
});
