import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";
import type { GatewayError } from "#model/errors.ts";
import { createCertificateStore } from "./certificate-store.ts";
import { createInternalCa, type InternalCa, type InternalCaOptions } from "./internal-ca.ts";
import { IssuedCertificates } from "./issued-certificates.ts";
import { plainFiles } from "./secret-files.ts";
import { makeKeys, X509Certificate as ParsedCertificate, X509Crl } from "./x509.ts";

const hour = 3_600_000;
const day = 24 * hour;

describe("internal CA", () => {
  let directory = "";
  let now = Date.UTC(2030, 0, 1);
  const lines: string[] = [];
  const note = (message: string): void => void lines.push(message);
  const log = { info: note, warn: note, error: note };
  const clock = { now: () => now, mono: () => now };
  const random = { bytes: (count: number) => randomBytes(count) };
  const options = (): InternalCaOptions => ({ directory, clock, random, log, secrets: plainFiles(random) });
  const open = (): Promise<InternalCa> => createInternalCa(options());

  before(async () => {
    directory = join(await mkdtemp(join(tmpdir(), "sallyport-ca-")), "ca");
  });
  after(() => rm(join(directory, ".."), { recursive: true, force: true }));

  test("makes a root of ten years, kept private, and reuses it", async () => {
    const first = await open();
    const root = new X509Certificate(first.rootCertificatePem);
    assert.ok(root.ca && root.checkIssued(root) && root.verify(root.publicKey));
    assert.equal(Math.round((root.validToDate.getTime() - now) / day), 3650);
    assert.equal((await stat(join(directory, "root.key"))).mode & 0o777, 0o600);
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
    assert.equal(await readFile(first.rootFile, "utf8"), first.rootCertificatePem);
    assert.equal((await open()).rootCertificatePem, first.rootCertificatePem);
  });

  test("issues a leaf for names, wildcards and addresses, with its chain", async () => {
    const ca = await open();
    const issued = await ca.issue(["api.example.test", "*.apps.example.test", "127.0.0.1", "::1"]);
    const [leaf, intermediate] = issued.chain
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .map((pem) => new X509Certificate(pem));
    assert.ok(leaf !== undefined && intermediate !== undefined);
    const root = new X509Certificate(ca.rootCertificatePem);
    assert.ok(leaf.verify(intermediate.publicKey) && intermediate.verify(root.publicKey));
    assert.equal(leaf.ca, false);
    assert.equal(leaf.checkHost("api.example.test"), "api.example.test");
    assert.ok(leaf.checkHost("x.apps.example.test") && !leaf.checkHost("other.test"));
    assert.ok(leaf.checkIP("127.0.0.1") && leaf.checkIP("::1"));
    assert.equal(issued.notAfter - now, 12 * hour);
    assert.ok(issued.key.startsWith("-----BEGIN PRIVATE KEY-----"));
    assert.deepEqual(
      (await readdir(directory)).toSorted(),
      ["intermediate.crt", "intermediate.key", "revoked", "root.crt", "root.key"],
      "no leaf key and no temporary file on disk",
    );
  });

  test("keeps the intermediate until a third of its life is left, over restarts", async () => {
    const old = await readFile(join(directory, "intermediate.crt"), "utf8");
    now += 4 * day;
    await (await open()).issue(["a.test"]);
    assert.equal(await readFile(join(directory, "intermediate.crt"), "utf8"), old);
    now += 1 * day;
    await (await open()).issue(["a.test"]);
    assert.notEqual(await readFile(join(directory, "intermediate.crt"), "utf8"), old);
  });

  test("signs the revocation list of an intermediate until that ends, also when another one issues", async () => {
    const ca = await open();
    const { publicKey } = await makeKeys();
    let issuer = "";
    const { chain, serial } = await ca.issueFor(["a.test"], publicKey, 5 * day, (id) => {
      issuer = id;
      return [`https://ca.test/crl/${id}.crl`];
    });
    const lists = async (of: InternalCa): Promise<X509Crl | null> => {
      const der = await of.revocationList(issuer);
      return der === null ? null : new X509Crl(der);
    };
    const first = await lists(ca);
    assert.equal(first?.findRevoked(serial), null);
    assert.equal((first?.nextUpdate?.getTime() ?? 0) - now, 12 * hour);
    await ca.revoke(chain, 4);
    await ca.revoke(chain, 4);
    now += 5 * day;
    const later = await open();
    await later.issue(["b.test"]);
    const [, intermediate = ""] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    assert.notEqual(await readFile(join(directory, "intermediate.crt"), "utf8"), intermediate);
    const second = await lists(later);
    assert.equal(second?.findRevoked(serial)?.reason, 4);
    assert.equal(second?.entries.length, 1);
    assert.ok(await second?.verify({ publicKey: new ParsedCertificate(intermediate) }));
    for (const name of await readdir(join(directory, "retired"))) {
      assert.equal((await stat(join(directory, "retired", name))).mode & 0o777, 0o600, name);
    }
    now += 2 * day;
    assert.equal(await lists(later), null);
    assert.equal(await lists(await open()), null);
    assert.deepEqual(await readdir(join(directory, "retired")), []);
  });

  test("what was revoked stays so when its file is damaged: its name says enough", async () => {
    const ca = await open();
    const { publicKey } = await makeKeys();
    const { chain, serial } = await ca.issueFor(["a.test"], publicKey, hour, () => []);
    await ca.revoke(chain, 1);
    const { revoked } = ca;
    const file = join(directory, "revoked", `${revoked.find((key) => key.endsWith(serial))}.json`);
    const kept = await readFile(file, "utf8");
    for (const text of [kept.slice(0, -2), kept.replace(/"serial":"../, '"serial":"00'), "null", ""]) {
      await writeFile(file, text);
      const later = await open();
      assert.deepEqual(later.revoked.toSorted(), revoked.toSorted(), text);
      assert.deepEqual((await later.findIssued(serial))?.revocation?.reason, 0);
    }
    await writeFile(file, kept);
    assert.deepEqual((await (await open()).findIssued(serial))?.revocation?.reason, 1);
  });

  test("takes over the one file that they were kept in first", async () => {
    const [key = ""] = (await open()).revoked;
    const [file, old] = [join(directory, "revoked", `${key}.json`), join(directory, "revoked.json")];
    const kept = await readFile(file, "utf8");
    await rm(file);
    await writeFile(old, `[${kept.slice(0, -2)}`);
    await assert.rejects(open(), /revoked\.json cannot be taken over/);
    await writeFile(old, `[${kept}]`);
    assert.ok((await open()).revoked.includes(key));
    assert.equal(await readFile(file, "utf8"), kept);
    await assert.rejects(stat(old), /ENOENT/);
  });

  test("knows what it has issued until that ends, and what of it another process has revoked", async () => {
    let told = 0;
    now += 2 * hour;
    const ca = await createInternalCa({ ...options(), onRevoked: () => (told += 1) });
    const { publicKey } = await makeKeys();
    const issue = (name: string, lifetime: number): ReturnType<InternalCa["issueFor"]> =>
      ca.issueFor([name, "spiffe://a.test/x"], publicKey, lifetime, () => []);
    const { chain, serial } = await issue("one.test", hour);
    await issue("two.test", 3 * hour);
    const names = async (): Promise<readonly (string | undefined)[]> =>
      (await new IssuedCertificates(directory, clock, random).all()).map((one) => one.names[0]).toSorted();
    assert.deepEqual(await names(), ["one.test", "two.test"]);
    const [leaf = ""] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    const read = await ca.readIssued(leaf);
    assert.deepEqual(read?.names, ["one.test", "spiffe://a.test/x"]);
    assert.deepEqual({ ...read, at: 0 }, { ...(await ca.findIssued(serial)), at: 0 });
    assert.equal(await ca.findIssued(serial.slice(2)), null);

    const other = await open();
    await other.revokeIssued(read ?? assert.fail(), 1);
    assert.equal(told, 0);
    await ca.refreshRevocations();
    await ca.refreshRevocations();
    assert.equal(told, 1);
    assert.equal((await ca.findIssued(serial))?.revocation?.reason, 1);
    assert.deepEqual(ca.revoked.filter((key) => key.endsWith(serial)).length, 1);
    const list = new X509Crl((await ca.revocationList(read.issuer)) ?? assert.fail());
    assert.equal(list.findRevoked(serial)?.reason, 1);

    now += 2 * hour;
    assert.deepEqual(await names(), ["two.test"]);
    await issue("three.test", hour);
    assert.equal((await readdir(join(directory, "issued"))).length, 2);
    now += 2 * day;
    const { chain: last } = await issue("four.test", hour);
    await ca.revoke(last, 0);
    assert.equal((await readdir(join(directory, "revoked"))).length, 1, "those that ended a day ago are gone");
  });

  test("takes only its own for its own", async () => {
    const ca = await open();
    const stranger = join(directory, "stranger");
    const other = await createInternalCa({ ...options(), directory: stranger });
    const { publicKey } = await makeKeys();
    const { chain } = await other.issueFor(["a.test"], publicKey, hour, () => []);
    const [leaf = "", issuer = ""] = chain.split(/(?<=-----END CERTIFICATE-----\n)/);
    assert.equal(await ca.readIssued(leaf), null);
    assert.notEqual(await other.readIssued(leaf), null);
    const { serial } = (await other.readIssued(leaf)) ?? assert.fail();
    const der = new X509Certificate(issuer).raw;
    assert.equal(await ca.statusOf(serial, der), null);
    assert.equal(await other.statusOf(serial, der), "good");
    await other.revoke(chain, 1);
    assert.equal(await other.statusOf(serial, der), "revoked");
    await rm(stranger, { recursive: true });
  });

  test("goes on with the intermediate that another process has made", async () => {
    const ca = await open();
    await ca.issue(["a.test"]);
    now += 5 * day;
    await (await open()).issue(["a.test"]);
    const made = await readFile(join(directory, "intermediate.crt"), "utf8");
    assert.ok((await ca.issue(["a.test"])).chain.endsWith(made));
    assert.equal(await readFile(join(directory, "intermediate.crt"), "utf8"), made);
  });

  test("replaces a corrupt intermediate and says so", async () => {
    await writeFile(join(directory, "intermediate.key"), "garbage");
    lines.length = 0;
    await (await open()).issue(["a.test"]);
    assert.match(lines.join("\n"), /intermediate cannot be used/);
  });

  test("refuses names that no certificate can hold", async () => {
    const ca = await open();
    for (const names of [[], ["a b"], ["*.*.test"], ["a.test\n"], [""]]) {
      await assert.rejects(ca.issue(names), (error: GatewayError) => error.code === "definition-invalid");
    }
  });

  test("the store renews at a third of the lifetime and not before", async () => {
    const ca = await open();
    let renewals = 0;
    const store = await createCertificateStore({
      ca,
      names: ["a.test"],
      clock,
      log,
      onRenewed: () => void renewals++,
    });
    const first = store.current()[0];
    now += 7.9 * hour;
    await store.check();
    assert.equal(store.current()[0]?.certPem, first?.certPem);
    now += 0.2 * hour;
    await store.check();
    assert.notEqual(store.current()[0]?.certPem, first?.certPem);
    await store.setNames(["b.test"]);
    assert.deepEqual(store.current()[0]?.hosts, ["b.test"]);
    assert.equal(renewals, 3);
    store.stop();
  });

  test("the store renews on its own timer and survives a failure", async () => {
    const ca = await open();
    let fail = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    const failing: InternalCa = {
      ...ca,
      rootFile: ca.rootFile,
      issue: (names) => (fail ? Promise.reject(new Error("disk full")) : ca.issue(names)),
    };
    fail = false;
    let renewals = 0;
    const onRenewed = (): void => {
      renewals += 1;
      if (renewals === 2) resolve();
    };
    const store = await createCertificateStore({ ca: failing, names: ["a.test"], clock, log, everyMs: 5, onRenewed });
    lines.length = 0;
    fail = true;
    now += 9 * hour;
    while (!lines.includes("certificate renewal failed")) await new Promise((done) => setTimeout(done, 5));
    assert.equal(store.current().length, 1);
    fail = false;
    await promise;
    store.stop();
  });

  test("never replaces a root that is there but cannot be used", async () => {
    const key = await readFile(join(directory, "root.key"), "utf8");
    await writeFile(join(directory, "root.key"), key.replace(/\n.{10}/, "\nAAAAAAAAAA"));
    await assert.rejects(open(), (error: GatewayError) => {
      assert.equal(error.code, "store-corrupt");
      assert.match(error.message, /Restore root.crt and root.key/);
      return true;
    });
    await rm(join(directory, "root.key"));
    await assert.rejects(open(), /root.key is missing/);
    assert.deepEqual((await readdir(directory)).includes("root.key"), false);
  });
});
