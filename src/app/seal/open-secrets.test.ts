import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { openSecrets, readSecrets, type Secrets } from "./open-secrets.ts";

const kek = { kind: "text", from: "a test", text: randomBytes(32).toString("hex") } as const;
const nextKek = { ...kek, text: `${randomBytes(32).toString("hex")} ${kek.text}` };
const pepper = randomBytes(32);
const random = { bytes: (count: number): Uint8Array => randomBytes(count) };
const pem = (what: string): string =>
  `-----BEGIN PRIVATE KEY-----\n${Buffer.from(`secret of ${what}`).toString("base64")}\n-----END PRIVATE KEY-----\n`;
const issuer = "0123456789abcdef0123456789abcdef01234567";
const texts: Readonly<Record<string, string>> = {
  "ca/root.key": pem("root"),
  "ca/intermediate.key": pem("intermediate"),
  [`ca/retired/${issuer}.key`]: pem("retired"),
  "assertion-keys.json": JSON.stringify({ keys: [pem("assertions")] }),
  "certificates/accounts/acme.test-directory.json": JSON.stringify({ keyPem: pem("account") }),
  "certificates/names/a.test/certificate.pem": pem("certificate"),
  "certificates/names/_wildcard.b.test/order.json": JSON.stringify({ keyPem: pem("order") }),
};
const open: Readonly<Record<string, string>> = {
  "ca/root.crt": "a certificate",
  [`ca/retired/${issuer}.crt`]: "a certificate",
  "certificates/names/a.test/state.json": "{}",
};
const log = { info() {}, warn() {}, error() {} };

/** Run in a process of its own, which ends itself by SIGKILL before the n-th random bytes. */
const script = `
  import { randomBytes } from "node:crypto";
  import { openSecrets } from ${JSON.stringify(new URL("./open-secrets.ts", import.meta.url).href)};
  const [folder, text, last] = process.argv.slice(2);
  let left = Number(last);
  const random = { bytes: (count) => { if ((left -= 1) < 0) process.kill(process.pid, "SIGKILL"); return randomBytes(count); } };
  const log = { info() {}, warn() {}, error() {} };
  const kek = { kind: "text", from: "a test", text };
  await openSecrets(folder, { kek, mayMake: false, clock: { now: () => Date.now() }, random, log });
`;

describe("secrets of a data folder", () => {
  let top: string;
  let plain: string;
  before(() => {
    top = mkdtempSync(join(tmpdir(), "sallyport-secrets-"));
    plain = join(top, "plain");
    for (const [name, text] of Object.entries({ ...texts, ...open })) {
      mkdirSync(dirname(join(plain, name)), { recursive: true });
      writeFileSync(join(plain, name), text, { mode: 0o600 });
    }
    writeFileSync(join(plain, "pepper.key"), pepper);
    writeFileSync(join(top, "open.ts"), script);
  });
  after(() => rmSync(top, { recursive: true, force: true }));

  const opened = (folder: string, by: typeof kek | typeof nextKek = kek, fresh = false): Promise<Secrets> =>
    openSecrets(folder, { kek: by, mayMake: false, clock: { now: () => Date.now() }, random, log, fresh });
  function copyOf(folder: string, name: string): string {
    cpSync(folder, join(top, name), { recursive: true });
    return join(top, name);
  }
  async function assertSealed(folder: string, secrets: Secrets): Promise<void> {
    assert.deepEqual(Buffer.from(secrets.pepper), pepper);
    for (const [name, text] of Object.entries(texts)) assert.equal(await secrets.files.read(join(folder, name)), text);
    for (const [name, text] of Object.entries(open)) assert.equal(readFileSync(join(folder, name), "utf8"), text);
    for (const name of globSync("**/*", { cwd: folder })) {
      if (!statSync(join(folder, name)).isFile()) continue;
      const content = readFileSync(join(folder, name));
      assert.ok(!content.includes("PRIVATE KEY") && !content.includes(pepper), `${name} is in the clear`);
    }
  }

  it("are sealed when they lie in the clear, with what crashes have left taken away", async () => {
    const folder = copyOf(plain, "sealed");
    const [old, young] = ["a".repeat(16), "b".repeat(16)].map((one) => join(folder, "ca", `.${one}.tmp`));
    for (const file of [old ?? "", young ?? ""]) writeFileSync(file, "x");
    utimesSync(old ?? "", 1000, 1000);
    await assertSealed(folder, await opened(folder));
    assert.deepEqual(globSync("ca/.*.tmp", { cwd: folder }), [`ca/.${"b".repeat(16)}.tmp`]);
  });

  it("may be killed in the middle of the sealing, and of the change of keys", async () => {
    const sealed = copyOf(plain, "before");
    await opened(sealed);
    for (const [from, by] of [
      [plain, kek],
      [sealed, nextKek],
    ] as const) {
      let steps = 0;
      for (let code: number | null = null; code !== 0; steps += 3) {
        const folder = copyOf(from, `killed-${by.text.length}-${steps}`);
        const args = ["--disable-warning=ExperimentalWarning", join(top, "open.ts"), folder, by.text, String(steps)];
        const child = spawn(process.execPath, args, { stdio: "inherit" });
        const [exit, signal] = (await once(child, "exit")) as [number | null, string | null];
        assert.ok(exit === 0 || signal === "SIGKILL");
        code = exit;
        await assertSealed(folder, await opened(folder, by));
      }
      assert.ok(steps > 3);
    }
  });

  it("are written anew under a new key of the folder, which opens what the old ones have sealed", async () => {
    const folder = copyOf(plain, "fresh");
    const first = await opened(folder);
    const kept = first.sealer.seal(pepper, "session/1");
    const old = Object.keys(texts).map((name) => readFileSync(join(folder, name), "utf8"));
    const next = await opened(folder, kek, true);
    await assertSealed(folder, next);
    assert.deepEqual(Buffer.from(next.sealer.open(kept, "session/1")), pepper);
    const rewritten = Object.keys(texts).map((name) => readFileSync(join(folder, name), "utf8"));
    assert.ok(rewritten.every((text, at) => text !== old[at]));
    await opened(folder);
    assert.deepEqual(
      Object.keys(texts).map((name) => readFileSync(join(folder, name), "utf8")),
      rewritten,
    );
  });

  it("are sealed under another key of the folder by themselves, a year later", async () => {
    const folder = copyOf(join(top, "sealed"), "aged");
    const at = (days: number): Promise<Secrets> =>
      openSecrets(folder, { kek, mayMake: false, clock: { now: () => Date.now() + days * 86_400_000 }, random, log });
    const keyCount = (): number => {
      return (JSON.parse(readFileSync(join(folder, "seal.json"), "utf8")) as { keys: unknown[] }).keys.length;
    };
    await at(364);
    assert.equal(keyCount(), 1);
    await assertSealed(folder, await at(366));
    await at(367);
    assert.equal(keyCount(), 2);
  });

  it("do not get another key-encryption key when theirs is gone", async () => {
    const folder = copyOf(join(top, "sealed"), "lost");
    const file = join(top, "config", "kek");
    const lost = { kind: "default", path: file } as const;
    const options = { kek: lost, mayMake: true, clock: { now: () => Date.now() }, random, log };
    await assert.rejects(openSecrets(folder, options), /there is no .*kek/);
    assert.ok(!existsSync(file));
    await openSecrets(copyOf(plain, "unsealed"), options);
    assert.ok(existsSync(file));
  });

  it("do not open in another place than their own", async () => {
    const folder = copyOf(join(top, "sealed"), "moved");
    cpSync(join(folder, "ca", "intermediate.key"), join(folder, "ca", "root.key"));
    const files = await readSecrets(folder, kek, random);
    await assert.rejects(files.read(join(folder, "ca", "root.key")), /sealed as ca\/root\.key cannot be opened/);
  });
});
