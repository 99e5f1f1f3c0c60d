import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { CertificateRow } from "#admin/certificate-row.ts";
import { askAdmin } from "#test/support/admin.ts";
import { runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";
import { type OcspAuthority, startOcspAuthority } from "#test/support/ocsp-responder.ts";
import { needsCommand } from "#test/support/require.ts";
import { closeSite, definitionOf, openSite, rowWhen, type Site, visitUntil } from "./https-site.ts";

/** What `openssl s_client -status` prints: a client that knows nothing of us, which verifies what it is sent. */
async function statusSeen(gateway: TestGateway, name: string, root: string, tls = "-tls1_3"): Promise<string> {
  const args = [
    "s_client",
    "-connect",
    `127.0.0.1:${gateway.port}`,
    "-servername",
    name,
    "-status",
    tls,
    "-CAfile",
    root,
  ];
  const child = execFile("openssl", args, { timeout: 10_000 });
  let text = "";
  child.stdout?.on("data", (chunk: string) => void (text += chunk));
  child.stdin?.end("Q\n");
  await new Promise((resolve) => child.once("close", resolve));
  return text;
}

describe("stapling, the whole gateway with certificates from files", needsCommand("openssl"), () => {
  const names = ["good.example", "must.example", "revoked.example", "unknown.example"] as const;
  let authority: OcspAuthority;
  let gateway: TestGateway;
  let root: string;
  before(async () => {
    authority = await startOcspAuthority();
    const files: Record<string, string> = {};
    for (const name of names) {
      const { chain, key } = await authority.issue(name, { mustStaple: /must|unknown/.test(name) });
      Object.assign(files, { [`${name}.crt`]: chain, [`${name}.key`]: key });
    }
    authority.revoke("revoked.example");
    authority.forget("unknown.example");
    root = join(authority.folder, "root.crt");
    writeFileSync(root, authority.root);
    gateway = await startTestGateway({
      definition: `version: 1
edge:
  listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" }
  certificates:
${names.map((name) => `    - { certificate: ${name}.crt, key: { file: ${name}.key } }\n`).join("")}egress: { allow: ["${authority.url.slice(0, -1)}"] }
apis:
  hello: { hosts: ${JSON.stringify(names)}, path: /, access: public, policies: { inbound: [{ return-response: { body: hello } }] } }
`,
      files,
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await authority?.stop();
  });

  const rowOf = (name: string): Promise<CertificateRow> =>
    rowWhen(gateway, ({ names: [first], ocsp }) => first === name && ocsp !== null && ocsp.nextTry !== null);

  it("sends clients that ask for it what the responder says, over TLS 1.2 and 1.3, from each worker", async () => {
    for (const name of ["good.example", "must.example"]) {
      const { ocsp } = await rowOf(name);
      assert.deepEqual([ocsp?.status, ocsp?.mustStaple, ocsp?.problem], ["good", name === "must.example", null]);
      for (const tls of ["-tls1_2", "-tls1_3", "-tls1_3", "-tls1_3"]) {
        const seen = await statusSeen(gateway, name, root, tls);
        assert.match(seen, /OCSP Response Status: successful[\s\S]*Cert Status: good/);
        assert.match(seen, /Verify return code: 0 \(ok\)/);
      }
    }
  });

  it("sends nothing but what is good", async () => {
    for (const name of ["revoked.example", "unknown.example"]) {
      await rowOf(name);
      assert.match(await statusSeen(gateway, name, root), /OCSP response: no response sent/);
    }
  });

  it("says so: certificates, metrics, log", async () => {
    assert.equal((await rowOf("revoked.example")).ocsp?.status, "revoked");
    const unknown = await rowOf("unknown.example");
    assert.deepEqual([unknown.ocsp?.status, unknown.ocsp?.mustStaple], ["none", true]);
    assert.match(unknown.ocsp?.problem ?? "", /does not know the certificate/);
    const { code, stdout } = await runCli(["certificates", "--data", gateway.data]);
    assert.equal(code, 1);
    assert.match(stdout, /^good\.example .* good$/m);
    assert.match(stdout, /\nrevoked\.example: its issuer has revoked the certificate\n/);
    assert.match(
      stdout,
      /unknown\.example: the status .* could not be had; clients refuse it without one:\n {2}the resp/,
    );
    const { text } = await askAdmin(gateway, "GET /metrics");
    for (const [name, status] of [
      ["good", "good"],
      ["revoked", "revoked"],
      ["unknown", "none"],
    ] as const) {
      assert.ok(
        text.includes(`sallyport_certificate_ocsp_status{name="${name}.example",status="${status}"} 1\n`),
        name,
      );
    }
    assert.match(text, /^sallyport_certificate_ocsp_failures_total\{name="unknown\.example"\} 1$/m);
    assert.match(text, /^sallyport_certificate_ocsp_next_update_timestamp_seconds\{name="good\.example"\} \d{10}/m);
    assert.match(gateway.output(), /a certificate was revoked by its issuer.*revoked\.example/);
  });

  it("has what was stored at once after a start while the responder is down", async () => {
    authority.down = true;
    await gateway.stop();
    gateway = await startTestGateway({
      definition: readFileSync(join(gateway.folder, "sallyport.yaml"), "utf8"),
      folder: gateway.folder,
      args: ["--workers", "2"],
    });
    assert.match(await statusSeen(gateway, "must.example", root), /Cert Status: good/);
  });
});

describe("a certificate that its issuer has revoked", needsCommand("pebble"), () => {
  let authority: OcspAuthority;
  let site: Site;
  let gateway: TestGateway;
  before(async () => {
    authority = await startOcspAuthority();
    site = await openSite({ responder: authority.url });
    authority.adopt(await site.pebble.issuer());
    const definition = definitionOf(site, { hosts: ["api.sally.org"] });
    gateway = await startTestGateway({
      definition: `${definition}egress: { allow: ["${authority.url.slice(0, -1)}"] }\n`,
      folder: site.folder,
      files: { "pebble.crt": site.pebble.root },
      args: ["--workers", "2"],
    });
  });
  after(async () => {
    await gateway?.cleanUp();
    await closeSite(site);
    await authority?.stop();
  });

  it("is replaced by another one, whose status is good", async () => {
    const row = await rowWhen(gateway, ({ source, ocsp }) => source === "acme" && ocsp?.status === "good");
    assert.equal(authority.questions, 2);
    assert.match(gateway.output(), /a certificate was revoked by its issuer.*api\.sally\.org/);
    assert.equal(gateway.output().match(/certificate issued","name":"api\.sally\.org/g)?.length, 2);
    const root = join(site.folder, "issuing-root.crt");
    writeFileSync(root, await site.pebble.issuingRoot());
    const served = await visitUntil(gateway, "api.sally.org", readFileSync(root, "utf8"));
    assert.equal(served.serialNumber, row.serial);
    let seen = "";
    for (let left = 40; left > 0 && !seen.includes("Cert Status"); left -= 1) {
      seen = await statusSeen(gateway, "api.sally.org", root);
      await sleep(50);
    }
    assert.match(seen, /Cert Status: good/);
    assert.equal(existsSync(join(gateway.data, "ocsp")), true);
  });
});
