import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { planTrust } from "#app/trust-plan.ts";
import { createInternalCa, type InternalCa } from "#edge/internal-ca.ts";
import { plainFiles } from "#edge/secret-files.ts";
import { CRLDistributionPointsExtension, X509Certificate as ParsedCertificate } from "#edge/x509.ts";
import { cli, runCli } from "#test/support/gateway.ts";
import { needsCommand } from "#test/support/require.ts";

interface Row {
  readonly serial: string;
  readonly names: readonly string[];
  readonly revoked: { readonly reason: string } | null;
}

describe("sallyport trust and ca issue", () => {
  let data: string;
  let root: X509Certificate;

  before(async () => {
    data = mkdtempSync(join(tmpdir(), "sallyport-trust-"));
    const ports = {
      clock: { now: () => Date.now(), mono: () => performance.now() },
      random: { bytes: (count: number) => randomBytes(count) },
      log: { info() {}, warn() {}, error() {} },
    };
    const ca = await createInternalCa({ directory: join(data, "ca"), secrets: plainFiles(ports.random), ...ports });
    root = new X509Certificate(ca.rootCertificatePem);
  });
  after(() => rmSync(data, { recursive: true, force: true }));

  /** With a trust store of its own, empty, which is gone when the command ends. */
  const isolated = (script: string): string => {
    const folders = ["/usr/local/share/ca-certificates", "/usr/share/ca-certificates", "/etc/ssl/certs"];
    const mounts = folders.map((folder) => `mount -t tmpfs none ${folder}`);
    const key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout /dev/null";
    const other = `openssl req -x509 ${key} -subj /CN=other -out /usr/local/share/ca-certificates/other.crt 2>&1`;
    const whole = `${mounts.join(" && ")} && mount --bind /dev/null /etc/ca-certificates.conf && ${other} && ${script}`;
    const { stdout, stderr, status } = spawnSync("unshare", ["--mount", "sh", "-c", whole], { encoding: "utf8" });
    assert.equal(status, 0, `${stdout}${stderr}`);
    return stdout;
  };

  it("Debian: what the root has signed is trusted, and no longer after --uninstall", needsCommand("unshare"), () => {
    const run = `${process.execPath} ${cli} trust --data ${data}`;
    const verify = `openssl verify -CApath /etc/ssl/certs ${data}/ca/root.crt`;
    const found = readdirSync("/usr/local/share/ca-certificates");
    const said = isolated(`${run} && ${verify} && ${run} --uninstall && ! ${verify} 2>/dev/null`);
    assert.match(said, /^trusted: .*Sallyport Internal Root/m);
    assert.match(said, /root\.crt: OK/);
    assert.match(said, /^no longer trusted/m);
    assert.deepEqual(readdirSync("/usr/local/share/ca-certificates"), found, "nothing is left behind");
  });

  it("Debian: the next root is trusted beside the one in use", needsCommand("unshare"), async () => {
    const folder = join(data, "renewing");
    const random = { bytes: (count: number) => randomBytes(count) };
    const log = { info() {}, warn() {}, error() {} };
    const at = (ms: number): Promise<InternalCa> =>
      createInternalCa({
        directory: join(folder, "ca"),
        clock: { now: () => ms, mono: () => ms },
        random,
        log,
        secrets: plainFiles(random),
      });
    const nineYears = 3400 * 86_400_000;
    const old = (await at(Date.now() - nineYears)).rootCertificatePem;
    const both = (await at(Date.now())).rootCertificatePem;
    assert.ok(both.startsWith(old) && both.length > old.length);
    writeFileSync(join(folder, "old.crt"), old);
    writeFileSync(join(folder, "next.crt"), both.slice(old.length));
    const verify = `openssl verify -CApath /etc/ssl/certs ${folder}/old.crt ${folder}/next.crt`;
    const said = isolated(`${process.execPath} ${cli} trust --data ${folder} && ${verify}`);
    assert.equal(said.match(/^trusted: /gm)?.length, 2);
    assert.equal(said.match(/: OK$/gm)?.length, 2);
  });

  it("prints the root, says what it would do, and what is missing", async () => {
    const printed = await runCli(["trust", "--print", "--data", data]);
    assert.equal(new X509Certificate(printed.stdout).fingerprint256, root.fingerprint256);
    const dry = await runCli(["trust", "--dry-run", "--data", data]);
    assert.match(dry.stdout, /^cp .*root\.crt .*sallyport-[0-9a-f]{16}\.crt\nupdate-ca-/);
    const missing = await runCli(["trust", "--data", join(data, "nowhere")]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /certificate-missing/);
  });

  it("knows the commands of other systems", () => {
    const plan = (platform: NodeJS.Platform, uninstall: boolean): string => {
      const made = planTrust({ platform, exists: () => false, rootFile: "root.crt", root, uninstall });
      return made === null ? "unknown" : [made.command, ...made.args].join(" ");
    };
    assert.match(plan("darwin", false), /^security add-trusted-cert -d -r trustRoot -k \S+ root\.crt$/);
    assert.match(plan("darwin", true), /^security delete-certificate -Z [0-9A-F]{40} -t /);
    assert.equal(plan("win32", false), "certutil -addstore -f Root root.crt");
    assert.equal(plan("win32", true), `certutil -delstore Root ${root.serialNumber}`);
    assert.equal(plan("linux", false), "unknown");
  });

  it("issues to workloads: with a key of its own, or for a request's", needsCommand("openssl"), async () => {
    const out = join(data, "orders");
    const names = ["--spiffe", "spiffe://example.org/orders", "--dns", "orders.test", "--ip", "10.0.0.7"];
    const made = await runCli(["ca", "issue", "--data", data, ...names, "--hours", "2", "--out", out, "--json"]);
    assert.equal(made.code, 0, made.stderr);
    const leaf = new X509Certificate(readFileSync(`${out}.crt`));
    assert.equal(leaf.subjectAltName, "DNS:orders.test, IP Address:10.0.0.7, URI:spiffe://example.org/orders");
    assert.ok(leaf.validToDate.getTime() - Date.now() < 2.1 * 3_600_000);
    assert.equal(statSync(`${out}.key`).mode & 0o777, 0o600);
    const purposes = ["sslclient", "sslserver"];
    for (const purpose of purposes) {
      const args = [
        "-CAfile",
        join(data, "ca", "root.crt"),
        "-untrusted",
        `${out}.crt`,
        "-purpose",
        purpose,
        `${out}.crt`,
      ];
      assert.match(execFileSync("openssl", ["verify", ...args], { encoding: "utf8" }), /OK/);
    }
    const again = await runCli(["ca", "issue", "--data", data, ...names, "--out", out]);
    assert.match(again.stderr, /file-exists/);

    const csr = join(data, "own.csr");
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", join(data, "own.key")];
    execFileSync("openssl", ["req", ...key, "-subj", "/CN=admin", "-out", csr], { stdio: "pipe" });
    const own = join(data, "certified");
    const certified = await runCli(["ca", "issue", "--data", data, "--csr", csr, "--dns", "own.test", "--out", own]);
    assert.equal(certified.code, 0, certified.stderr);
    assert.equal(
      new X509Certificate(readFileSync(`${own}.crt`)).subjectAltName,
      "DNS:own.test",
      "not what the request names",
    );
    assert.equal(existsSync(`${own}.key`), false);

    const nobody = await runCli(["ca", "issue", "--data", data, "--out", join(data, "x")]);
    assert.match(nobody.stderr, /name-missing/);
    const wrong = await runCli(["ca", "issue", "--data", data, "--spiffe", "https://x/y", "--out", join(data, "x")]);
    assert.equal(wrong.code, 2);
  });
  it("lists what it has issued, and revokes it by number or by file", async () => {
    const ca = (...args: string[]): ReturnType<typeof runCli> => runCli(["ca", ...args, "--data", data]);
    const issue = async (name: string, ...more: string[]): Promise<string> => {
      const made = await ca("issue", "--dns", name, "--out", join(data, name), "--json", ...more);
      assert.equal(made.code, 0, made.stderr);
      return (JSON.parse(made.stdout) as { readonly serial: string }).serial;
    };
    const [one, two] = [await issue("one.test"), await issue("two.test", "--list-url", "http://gw.test:8080")];
    const leaf = new ParsedCertificate(new X509Certificate(readFileSync(join(data, "two.test.crt"))).raw);
    const [point] = leaf.getExtension(CRLDistributionPointsExtension)?.distributionPoints ?? [];
    const [url] = point?.distributionPoint?.fullName ?? [];
    assert.match(
      String(url?.uniformResourceIdentifier),
      /^http:\/\/gw\.test:8080\/\.sallyport\/crl\/[0-9a-f]{40}\.crl$/,
    );

    const bySerial = await ca("revoke", one.toUpperCase().replaceAll(/(..)(?=.)/g, "$1:"), "--reason", "superseded");
    assert.equal(bySerial.stdout, `revoked ${one} of one.test\n`, bySerial.stderr);
    const byFile = await ca("revoke", join(data, "two.test.crt"), "--json");
    assert.equal((JSON.parse(byFile.stdout) as { readonly serial: string }).serial, two);
    assert.match((await ca("revoke", two)).stdout, /was revoked before, at 2/);

    const rows = JSON.parse((await ca("list", "--json")).stdout) as readonly Row[];
    const ours = rows.filter(({ serial }) => serial === one || serial === two);
    const states = ours.map(({ names, revoked }) => [names.join(), revoked?.reason ?? "valid"]);
    assert.deepEqual(states.toSorted(), [
      ["one.test", "superseded"],
      ["two.test", "unspecified"],
    ]);
    assert.ok(rows.every(({ serial }) => /^[0-9a-f]{32}$/.test(serial)));
    assert.match((await ca("list")).stdout, new RegExp(`${two} +2\\S+ +revoked 2\\S+ \\(unspecified\\) +two\\.test`));
  });

  it("revokes nothing that it has not issued", async () => {
    const revoke = (what: string): ReturnType<typeof runCli> => runCli(["ca", "revoke", what, "--data", data]);
    writeFileSync(join(data, "text.crt"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (const what of ["00ff", "no-such.crt", join(data, "ca", "root.crt"), join(data, "text.crt")]) {
      const { code, stderr } = await revoke(what);
      assert.equal(code, 1, what);
      assert.match(stderr, /certificate-unknown/);
    }
    const elsewhere = await runCli(["ca", "list", "--data", join(data, "elsewhere")]);
    assert.match(elsewhere.stderr, /certificate-missing/);
    assert.equal(existsSync(join(data, "elsewhere")), false);
  });
});
