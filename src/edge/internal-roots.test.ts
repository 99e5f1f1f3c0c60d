import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { needsCommand } from "#test/support/require.ts";
import { createInternalCa, type InternalCa, type IssuedCertificate } from "./internal-ca.ts";
import { plainFiles } from "./secret-files.ts";
import { exportKey, makeAuthority } from "./x509.ts";

const day = 86_400_000;
const start = Date.UTC(2030, 0, 1);

describe("roots of the internal CA", () => {
  let folder = "";
  let directory = "";
  let now = start;
  let published: string[] = [];
  const random = { bytes: (count: number) => randomBytes(count) };
  const log = { info() {}, warn() {}, error() {} };
  const open = (): Promise<InternalCa> =>
    createInternalCa({
      directory,
      clock: { now: () => now, mono: () => now },
      random,
      log,
      secrets: plainFiles(random),
      onRoots: (roots) => void published.push(roots),
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sallyport-roots-"));
    directory = join(folder, "ca");
    now = start;
    published = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("a client that looks at root.crt every 300 days is served for thirteen years, over restarts", async () => {
    let ca = await open();
    let trusted: readonly X509Certificate[] = [];
    let looked = Number.NEGATIVE_INFINITY;
    const used = new Set<string>();
    for (let step = 0; now < start + 4750 * day; step += 1) {
      if (step % 9 === 0) ca = await open();
      const issued = await ca.issue(["a.test"]);
      if (now - looked >= 300 * day) {
        trusted = certificatesOf(await readFile(ca.rootFile, "utf8"));
        looked = now;
      }
      used.add(provenBy(issued, trusted, now));
      const age = now - start;
      now += (age > 3200 * day && age < 3760 * day ? 6 : 50) * day;
    }
    assert.equal(used.size, 2, "each root had its time");
    assert.equal(certificatesOf(ca.rootCertificatePem).length, 1, "what has expired is gone");
    assert.equal(await readFile(ca.rootFile, "utf8"), ca.rootCertificatePem);
  });

  test("the next root is told of a year ahead, under a name of its own, and used a month before the end", async () => {
    const ca = await open();
    const first = ca.rootCertificatePem;
    now = start + (3650 - 366) * day;
    await ca.issue(["a.test"]);
    assert.deepEqual([ca.rootCertificatePem, published], [first, []]);
    now += 2 * day;
    const early = await ca.issue(["a.test"]);
    const [old, next, ...more] = certificatesOf(ca.rootCertificatePem);
    assert.ok(old !== undefined && next !== undefined && more.length === 0);
    assert.deepEqual(published, [ca.rootCertificatePem]);
    assert.equal(old.toString().trim(), first.trim());
    assert.notEqual(old.subject, next.subject);
    assert.match(next.subject, /^CN=Sallyport Internal Root 2038 [0-9a-f]{8}$/);
    assert.equal(provenBy(early, [old], now), old.subject);
    now = start + (3650 - 29) * day;
    assert.equal(provenBy(await ca.issue(["a.test"]), [next], now), next.subject);
  });

  test("OpenSSL agrees, on both sides of the change", needsCommand("openssl"), async () => {
    const ca = await open();
    for (const left of [360, 31, 29, 1]) {
      now = start + (3650 - left) * day;
      const { chain } = await ca.issue(["a.test"]);
      await writeFile(join(folder, "chain.pem"), chain);
      const time = ["-attime", String(Math.floor(now / 1000)), "-verify_hostname", "a.test", "-purpose", "sslserver"];
      const files = ["-CAfile", ca.rootFile, "-untrusted", join(folder, "chain.pem"), join(folder, "chain.pem")];
      assert.match(execFileSync("openssl", ["verify", ...time, ...files], { encoding: "utf8" }), /OK/);
    }
  });

  test("a root that was told of too late is used on the last day only", async () => {
    await open();
    now = start + 3640 * day;
    const ca = await open();
    const [old, next] = certificatesOf(ca.rootCertificatePem);
    assert.ok(old !== undefined && next !== undefined);
    for (; now < start + 3649 * day - 1; now += day / 3) {
      const issued = await ca.issue(["a.test"]);
      assert.equal(provenBy(issued, [old], now), old.subject);
      assert.ok(issued.notAfter <= old.validToDate.getTime());
    }
    now = start + 3649.9 * day;
    assert.equal(provenBy(await ca.issue(["a.test"]), [next], now), next.subject);
  });

  test("a root as it was named before is read, and renewed like any other", async () => {
    await open();
    const validity = { notBefore: start, notAfter: start + 3650 * day };
    const before = await makeAuthority("Sallyport Internal Root", validity, null, random);
    await writeFile(join(directory, "root.key"), await exportKey(before.keys));
    await writeFile(join(directory, "root.crt"), before.certificate.toString("pem"));
    now = start + 3400 * day;
    const [old, next] = certificatesOf((await open()).rootCertificatePem);
    assert.equal(old?.subject, "CN=Sallyport Internal Root");
    assert.match(next?.subject ?? "", /^CN=Sallyport Internal Root 2039 /);
  });

  test("two that hold the same folder make one successor", async () => {
    const [one, other] = [await open(), await open()];
    now = start + 3400 * day;
    await one.issue(["a.test"]);
    await other.issue(["a.test"]);
    assert.equal(other.rootCertificatePem, one.rootCertificatePem);
    assert.equal(certificatesOf(one.rootCertificatePem).length, 2);
  });

  test("a successor without its key is an error, and so is an authority that ended while nobody looked", async () => {
    const ca = await open();
    const key = await readFile(join(directory, "root.key"), "utf8");
    now = start + 3400 * day;
    await ca.issue(["a.test"]);
    const both = await readFile(join(directory, "root.key"), "utf8");
    await writeFile(join(directory, "root.key"), key);
    await assert.rejects(open(), /root.key does not hold the key of a certificate/);
    await writeFile(join(directory, "root.key"), both);
    now = start + 8000 * day;
    await assert.rejects(open(), /root.crt has expired/);
  });
});

function certificatesOf(pem: string): readonly X509Certificate[] {
  return pem
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter((part) => part.includes("BEGIN"))
    .map((part) => new X509Certificate(part));
}

/** Subject of the trusted root that the chain ends at, everything being valid now. */
function provenBy({ chain }: IssuedCertificate, trusted: readonly X509Certificate[], now: number): string {
  const [leaf, intermediate] = certificatesOf(chain);
  assert.ok(leaf !== undefined && intermediate !== undefined && leaf.verify(intermediate.publicKey));
  const root = trusted.find((one) => intermediate.checkIssued(one) && intermediate.verify(one.publicKey));
  assert.ok(root !== undefined, `nobody trusted has issued it at ${new Date(now).toISOString()}`);
  for (const one of [leaf, intermediate, root]) {
    assert.ok(one.validFromDate.getTime() <= now && now < one.validToDate.getTime());
  }
  return root.subject;
}
