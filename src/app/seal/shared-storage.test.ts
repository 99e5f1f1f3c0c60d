import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { CertificateTree } from "#edge/managed/certificate-tree.ts";
import { lockFolder } from "#edge/managed/name-lock.ts";
import type { SecretFiles } from "#edge/secret-files.ts";
import type { GatewayError } from "#model/errors.ts";
import { Secret } from "#model/secret.ts";
import { openSharedStorage } from "./shared-storage.ts";

const random = { bytes: (count: number) => randomBytes(count) };
const log = { info: () => {}, warn: () => {}, error: () => {} };
const fresh = (): string => randomBytes(32).toString("base64");
const pem = "-----BEGIN PRIVATE KEY-----\n";

describe("a certificate storage that several gateways share", () => {
  let storage: string;
  let file: string;
  let account: string;
  beforeEach(() => {
    storage = mkdtempSync(join(tmpdir(), "sallyport-storage-"));
    file = join(storage, "names", "a.test", "certificate.pem");
    account = join(storage, "accounts", "ca.json");
    for (const path of [file, account]) mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(file, pem);
    writeFileSync(account, "{}");
  });
  afterEach(() => rmSync(storage, { recursive: true, force: true }));

  const open = (...keys: readonly string[]): Promise<SecretFiles> =>
    openSharedStorage(storage, keys.length === 0 ? null : new Secret("here", keys.join("\n")), { random, log });
  const isSealed = (path: string): boolean => readFileSync(path, "utf8").startsWith("-----BEGIN SALLYPORT SEALED");
  const refused = (code: string) => (error: GatewayError) => error.code === code && !error.message.includes("PRIVATE");

  it("stays in the clear without a key, and is sealed as a whole by the first that has one", async () => {
    assert.equal(await (await open()).read(file), pem);
    assert.deepEqual([isSealed(file), isSealed(account)], [false, false]);
    const key = fresh();
    const [one, two] = await Promise.all([open(key), open(key)]);
    assert.deepEqual([isSealed(file), isSealed(account)], [true, true]);
    await one.write(file, "another");
    assert.equal(await two.read(file), "another");
    assert.ok(readdirSync(storage).every((name) => !name.endsWith(".tmp")));
  });

  it("keeps out who has no key or another one, before anything is replaced", async () => {
    const before = await open();
    await open(fresh());
    await assert.rejects(open(), refused("seal-key-missing"));
    await assert.rejects(open(fresh()), refused("seal-key-wrong"));
    // A gateway that was running without a key does not take the certificate for damaged and order another.
    await assert.rejects(new CertificateTree(storage, random, log, before).certificate("a.test"), /is sealed/);
  });

  it("gets another key while all gateways run: behind, before, and alone", async () => {
    const [old, next] = [fresh(), fresh()];
    const running = await open(old);
    assert.equal(await (await open(old, next)).read(file), pem);
    assert.equal(await running.read(file), pem, "nothing was sealed under the new one yet");
    const both = await open(next, old);
    await assert.rejects(running.read(file), refused("seal-key-wrong"));
    assert.equal(await both.read(file), pem);
    assert.equal(await (await open(next)).read(file), pem);
    await assert.rejects(open(old), refused("seal-key-wrong"));
  });

  it("leaves a name to whoever is at work with it", async () => {
    const lock = await lockFolder(join(file, ".."), async () => {}, 0);
    const key = fresh();
    const files = await open(key);
    assert.equal(isSealed(file), false);
    assert.equal(await files.read(file), pem);
    await lock?.release();
    await open(key);
    assert.equal(isSealed(file), true);
  });
});
