import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Authorization } from "#edge/acme-server/acme-types.ts";
import { cli, ready, type TestGateway } from "#test/support/gateway.ts";
import { needsCommand, root } from "#test/support/require.ts";
import { createNamespace, type Finished, type Namespace, needsNamespace } from "./namespace.ts";

const eabKey = "c2FsbHlwb3J0LWV4dGVybmFsLWFjY291bnQta2V5MDE";
const definition = `version: 1
edge:
  https: internal
  listen: { https: "127.0.0.1:8443", http: "127.0.0.1:8080", advertised: { http: 8081 } }
  clientCertificates: { mode: request, internalCa: true }
apis:
  ca: { hosts: [localhost], path: /acme, access: public, acmeServer: { allow: ["*.mesh.test"], dial: 127.0.0.0/8 } }
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
    space = await createNamespace([
      "a.mesh.test",
      "b.mesh.test",
      "c.mesh.test",
      "d.mesh.test",
      "e.mesh.test",
      "orders.mesh.test",
      "other.test",
    ]);
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
    "OpenSSL refuses what certbot has revoked, by the list that the certificate names",
    needsCommand("certbot"),
    async () => {
      const made = await order("acme", "c.mesh.test");
      assert.equal(made.code, 0, made.output);
      const verify = async (name: string): Promise<string> => {
        const leaf = join(issued(name), "cert.pem");
        const shown = await space.run("openssl", ["x509", "-in", leaf, "-noout", "-ext", "crlDistributionPoints"]);
        assert.match(shown.output, /URI:http:\/\/localhost:8081\/\.sallyport\/crl\//);
        const url = /URI:(https:\/\/localhost:8443\/acme\/crl\/\S+)/.exec(shown.output)?.[1] ?? shown.output;
        const [der, pem] = [join(folder, "list.der"), join(folder, "list.pem")];
        const got = await space.run("curl", ["-sSf", "--cacert", rootFile(), "-o", der, url]);
        assert.equal(got.code, 0, got.output);
        await space.run("openssl", ["crl", "-inform", "DER", "-in", der, "-out", pem]);
        const trust = ["-CAfile", rootFile(), "-untrusted", join(issued(name), "chain.pem")];
        return (await space.run("openssl", ["verify", "-crl_check", "-CRLfile", pem, ...trust, leaf])).output;
      };
      assert.match(await verify("a.mesh.test"), /certificate revoked/);
      assert.match(await verify("c.mesh.test"), /cert\.pem: OK/);
    },
  );

  it("certbot: changes the address of its account", needsCommand("certbot"), async () => {
    const server = ["--server", "https://localhost:8443/acme/directory"];
    const changed = await certbot("update_account", "--email", "ops@mesh.test", "--no-eff-email", ...server);
    assert.equal(changed.code, 0, changed.output);
    const accounts = join(gateway.data, "acme-server", "ca", "accounts");
    const texts = readdirSync(accounts).map((name) => readFileSync(join(accounts, name), "utf8"));
    assert.ok(
      texts.some((text) => text.includes("mailto:ops@mesh.test")),
      changed.output,
    );
  });

  it("uacme: rolls its key over, and gets a certificate with the new one", needsCommand("uacme"), async () => {
    // It trusts the machine's bundle only: in this namespace that is our root.
    const bundle = "/etc/ssl/certs/ca-certificates.crt";
    const trusted = await space.run("mount", ["--bind", rootFile(), bundle]);
    assert.equal(trusted.code, 0, trusted.output);
    const [home, hook, site] = [join(folder, "uacme"), join(folder, "hook.sh"), join(folder, "site")];
    mkdirSync(join(site, ".well-known", "acme-challenge"), { recursive: true });
    // It is called with what to do, the challenge, the name, the token and what to serve for it.
    const serve = `[ "$1" != begin ] || printf %s "$5" > ${site}/.well-known/acme-challenge/$4`;
    writeFileSync(hook, `#!/bin/sh\n[ "$2" = http-01 ] || exit 1\n${serve}\n`, { mode: 0o755 });
    const web = space.spawn("caddy", ["file-server", "--root", site, "--listen", ":80"], { HOME: folder });
    const uacme = (...args: string[]): Promise<Finished> =>
      space.run("uacme", ["-v", "-y", "-c", home, "-a", "https://localhost:8443/acme/directory", ...args]);
    try {
      const key = (): string => readFileSync(join(home, "private", "key.pem"), "utf8");
      const made = await uacme("new");
      assert.equal(made.code, 0, made.output);
      const old = key();
      const rolled = await uacme("newkey");
      assert.equal(rolled.code, 0, rolled.output);
      assert.notEqual(key(), old);
      assert.match(gateway.output(), /an account has another key/);
      const up = ["-sS", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "http://d.mesh.test/"];
      assert.equal((await space.run("curl", up)).code, 0);
      const certificate = await uacme("-h", hook, "issue", "d.mesh.test");
      assert.equal(certificate.code, 0, certificate.output);
      const leaf = new X509Certificate(readFileSync(join(home, "d.mesh.test", "cert.pem")));
      assert.equal(leaf.subjectAltName, "DNS:d.mesh.test");
    } finally {
      web.kill("SIGTERM");
    }
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

  /** How the orders for a name were proved, as they are on disk. */
  const provedBy = (name: string): readonly unknown[] => {
    const orders = join(gateway.data, "acme-server", "ca", "orders");
    const texts = readdirSync(orders).map((file) => readFileSync(join(orders, file), "utf8"));
    const all = texts.map((text) => JSON.parse(text) as { readonly authorizations: readonly Authorization[] });
    return all.flatMap(({ authorizations }) =>
      authorizations.flatMap(({ identifier, chosen }) => (identifier.value === name ? [chosen] : [])),
    );
  };

  for (const [challenge, name, other] of [
    ["http-01", "b.mesh.test", "tlsalpn"],
    ["tls-alpn-01", "e.mesh.test", "http"],
  ] as const) {
    it(`Caddy: serves with a certificate of ours, by ${challenge}`, needsCommand("caddy"), async () => {
      const file = join(folder, `${challenge}.caddyfile`);
      writeFileSync(
        file,
        `{
	admin off
	storage file_system ${join(folder, `caddy-${challenge}`)}
}
${name} {
	tls {
		issuer acme {
			dir https://localhost:8443/acme/directory
			trusted_roots ${rootFile()}
			disable_${other}_challenge
		}
	}
	respond "from Caddy"
}
`,
      );
      const caddy: ChildProcess = space.spawn("caddy", ["run", "--config", file, "--adapter", "caddyfile"], {
        HOME: folder,
      });
      let log = "";
      caddy.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
      const ended = once(caddy, "exit");
      try {
        let answer = "";
        for (let tries = 0; tries < 120 && answer !== "from Caddy"; tries += 1) {
          answer = (await space.run("curl", ["-sS", "--cacert", rootFile(), `https://${name}/`])).output;
          await sleep(250);
        }
        assert.equal(answer, "from Caddy", log);
        assert.deepEqual(provedBy(name), [challenge], log);
      } finally {
        caddy.kill("SIGTERM");
        // The next one wants its ports.
        await ended;
      }
    });
  }

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
