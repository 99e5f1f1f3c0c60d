import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cli, ready, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand, root } from "#test/support/require.ts";
import { createNamespace, type Finished, type Namespace, needsNamespace } from "./namespace.ts";

const eabKey = "c2FsbHlwb3J0LWV4dGVybmFsLWFjY291bnQta2V5MDE";
const definition = `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:8443", http: "127.0.0.1:8080" }
  clientCertificates: { mode: request, internalCa: true }
apis:
  ca: { path: /acme, access: public, acmeServer: { allow: ["*.mesh.test"], dial: 127.0.0.0/8 } }
  bound:
    path: /bound
    access: public
    acmeServer:
      dial: 127.0.0.0/8
      externalAccounts: { orders: { key: { env: EAB_KEY }, allow: orders.mesh.test, spiffeId: "spiffe://mesh.test/orders" } }
  orders:
    path: /orders
    clientCertificate: require
    access: [{ allow: '"spiffe://mesh.test/orders" in principal.certificate.uris' }]
    respond: { body: "known by its certificate" }
`;

/** Debian's certbot and Caddy get certificates of the internal CA, on ports 80 and 443. */
describe("ACME server", needsNamespace, () => {
  let folder: string;
  let space: Namespace;
  let gateway: TestGateway;

  const rootFile = (): string => join(gateway.data, "ca", "root.crt");
  const certbot = (...args: string[]): Promise<Finished> => {
    const own = ["config", "work", "logs"].flatMap((name) => [`--${name}-dir`, join(folder, "certbot", name)]);
    return space.run("certbot", [...args, "--non-interactive", ...own], { REQUESTS_CA_BUNDLE: rootFile() });
  };
  const order = (server: string, name: string, ...more: string[]): Promise<Finished> => {
    const how = ["--standalone", "--agree-tos", "--register-unsafely-without-email", "--server"];
    return certbot("certonly", ...how, `https://localhost:8443/${server}/directory`, "-d", name, ...more);
  };
  const issued = (name: string): string => join(folder, "certbot", "config", "live", name);

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-acme-server-"));
    mkdirSync(join(folder, "gateway"));
    space = await createNamespace(["a.mesh.test", "b.mesh.test", "orders.mesh.test", "other.test"]);
    const [file, data] = [join(folder, "gateway", "sallyport.yaml"), join(folder, "data")];
    writeFileSync(file, definition);
    const args = [cli, "run", "--config", file, "--data", data, "--workers", "2"];
    gateway = await ready(space.spawn(process.execPath, args, { EAB_KEY: eabKey }), folder, data);
  });
  after(async () => {
    await gateway?.stop();
    space?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it("certbot: issues by http-01, and revokes", needsCommand("certbot"), async () => {
    const made = await order("acme", "a.mesh.test");
    assert.equal(made.code, 0, made.output);
    const leaf = new X509Certificate(readFileSync(join(issued("a.mesh.test"), "cert.pem")));
    assert.equal(leaf.subjectAltName, "DNS:a.mesh.test");
    const chain = readFileSync(join(issued("a.mesh.test"), "chain.pem"));
    assert.ok(leaf.verify(new X509Certificate(chain).publicKey));
    const revoked = await certbot(
      "revoke",
      "--cert-path",
      join(issued("a.mesh.test"), "cert.pem"),
      "--no-delete-after-revoke",
      "--server",
      "https://localhost:8443/acme/directory",
    );
    assert.equal(revoked.code, 0, revoked.output);
    assert.match(gateway.output(), /certificate revoked/);
  });

  it(
    "certbot: an external account puts its SPIFFE ID in, and a listener knows the workload by it",
    needsCommand("certbot"),
    async () => {
      const made = await order("bound", "orders.mesh.test", "--eab-kid", "orders", "--eab-hmac-key", eabKey);
      assert.equal(made.code, 0, made.output);
      const [cert, key] = [
        join(issued("orders.mesh.test"), "fullchain.pem"),
        join(issued("orders.mesh.test"), "privkey.pem"),
      ];
      assert.match(new X509Certificate(readFileSync(cert)).subjectAltName ?? "", /URI:spiffe:\/\/mesh\.test\/orders/);
      const call = await space.run("curl", [
        "-sS",
        "--cacert",
        rootFile(),
        "--cert",
        cert,
        "--key",
        key,
        "https://localhost:8443/orders",
      ]);
      assert.equal(call.output, "known by its certificate");
      const without = await space.run("curl", ["-sS", "--cacert", rootFile(), "https://localhost:8443/orders"]);
      assert.match(without.output, /certificate-required/);
    },
  );

  it("Caddy: serves with a certificate of ours", needsCommand("caddy"), async () => {
    const file = join(folder, "Caddyfile");
    const storage = join(folder, "caddy");
    writeFileSync(
      file,
      `{
	admin off
	storage file_system ${storage}
	acme_ca https://localhost:8443/acme/directory
	acme_ca_root ${rootFile()}
}
b.mesh.test {
	respond "from Caddy"
}
`,
    );
    const caddy: ChildProcess = space.spawn("caddy", ["run", "--config", file, "--adapter", "caddyfile"], {
      HOME: folder,
    });
    let log = "";
    caddy.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
    try {
      let answer = "";
      for (let tries = 0; tries < 120 && answer !== "from Caddy"; tries += 1) {
        answer = (await space.run("curl", ["-sS", "--cacert", rootFile(), "https://b.mesh.test/"])).output;
        await sleep(250);
      }
      assert.equal(answer, "from Caddy", log);
    } finally {
      caddy.kill("SIGTERM");
    }
  });

  it("every request is in the record", async () => {
    const tail = await space.run(process.execPath, [
      join(root, "src/cli/main.ts"),
      "audit",
      "verify",
      "--data",
      gateway.data,
    ]);
    assert.equal(tail.code, 0, tail.output);
  });
});
