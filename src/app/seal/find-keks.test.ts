import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import { findKeks, type FindKeksOptions } from "./find-keks.ts";
import { takeKekSource } from "./kek-source.ts";

const key = randomBytes(32);
const text = key.toString("base64");
const random = { bytes: (count: number): Uint8Array => randomBytes(count) };

describe("where the key-encryption key is", () => {
  const top = mkdtempSync(join(tmpdir(), "sallyport-kek-"));
  let folder: string;
  let options: FindKeksOptions;
  let made: string[];
  let count = 0;
  after(() => rmSync(top, { recursive: true, force: true }));
  beforeEach(() => {
    folder = join(top, String((count += 1)));
    mkdirSync(join(folder, "data"), { recursive: true });
    made = [];
    const vault = { read: async () => ({ value: text, staleBecause: null }) };
    options = { dataPath: join(folder, "data"), vault, mayMake: true, onMade: (file) => made.push(file), random };
  });
  const codeOf = async (spec: string | undefined, env: Record<string, string | undefined> = {}): Promise<string> => {
    try {
      await findKeks(takeKekSource(spec, env), options);
      return "found";
    } catch (error) {
      assert.ok(error instanceof GatewayError, String(error));
      assert.ok(!error.message.includes(text), error.message);
      return error.code;
    }
  };
  const write = (path: string, content: string, mode = 0o600): string => {
    writeFileSync(path, content);
    chmodSync(path, mode);
    return path;
  };

  it("is a file that is for its owner, and not in the data folder", async () => {
    const file = write(join(folder, "kek"), `# note\n${text}\n`);
    const keks = await findKeks(takeKekSource(`file:${file}`, {}), options);
    assert.deepEqual(Buffer.from(keks.keys[0].key), key);
    assert.equal(await codeOf(`file:${write(join(folder, "open"), text, 0o644)}`), "seal-key-refused");
    assert.equal(await codeOf(`file:${write(join(folder, "group"), text, 0o640)}`), "found");
    assert.equal(await codeOf(`file:${write(join(folder, "data", "kek"), text)}`), "seal-key-refused");
    symlinkSync(join(folder, "data", "kek"), join(folder, "link"));
    assert.equal(await codeOf(`file:${join(folder, "link")}`), "seal-key-refused");
    symlinkSync(join(folder, "data"), join(folder, "linked-data"));
    assert.equal(await codeOf(`file:${join(folder, "linked-data", "kek")}`), "seal-key-refused");
    assert.equal(await codeOf(`file:${join(folder, "nowhere")}`), "seal-key-missing");
  });

  it("is a variable, which is gone when it was read", async () => {
    const env: Record<string, string | undefined> = { THE_KEK: text };
    assert.equal(await codeOf("env:THE_KEK", env), "found");
    assert.deepEqual(Object.keys(env), []);
    assert.equal(await codeOf("env:THE_KEK", env), "seal-key-refused");
  });

  it("is a credential of systemd, by itself or by name", async () => {
    const credentials = join(folder, "credentials");
    mkdirSync(credentials);
    write(join(credentials, "sallyport-kek"), text, 0o440);
    const env = { CREDENTIALS_DIRECTORY: credentials, XDG_CONFIG_HOME: join(folder, "config") };
    assert.equal(await codeOf(undefined, env), "found");
    assert.ok(!existsSync(join(folder, "config")));
    assert.equal(await codeOf("credential:sallyport-kek", env), "found");
    assert.equal(await codeOf("credential:../credentials/sallyport-kek", env), "seal-key-refused");
    assert.equal(await codeOf("credential:other", env), "seal-key-missing");
  });

  it("is a secret of a key vault", async () => {
    const address = "key-vault:https://vault.vault.azure.net/secrets/kek";
    assert.equal(await codeOf(address), "found");
    assert.equal(await codeOf(`${address}#client-id=1234`), "found");
    assert.equal(await codeOf("key-vault:https://example.com/secrets/kek"), "seal-key-refused");
    options = {
      ...options,
      vault: { read: () => Promise.reject(new GatewayError("upstream-unavailable", 503, "down")) },
    };
    assert.equal(await codeOf(address), "seal-key-missing");
  });

  it("is made in the user's own file where it may be, once", async () => {
    const env = { XDG_CONFIG_HOME: join(folder, "config") };
    const file = join(folder, "config", "sallyport", "kek");
    options = { ...options, mayMake: false };
    assert.equal(await codeOf(undefined, env), "seal-key-missing");
    assert.ok(!existsSync(file));
    options = { ...options, mayMake: true };
    const both = await Promise.all([1, 2].map(() => findKeks(takeKekSource(undefined, env), options)));
    assert.equal(both[0]?.keys[0].id, both[1]?.keys[0].id);
    assert.deepEqual(made, [file]);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const before = readFileSync(file, "utf8");
    assert.equal(await codeOf(undefined, env), "found");
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("refuses what is no key, and shows nothing of it", async () => {
    const texts = ["", "# only a note", "short", `${text}x`, `${"0".repeat(64)}`, `${text}\n`.repeat(9)];
    for (const one of texts) assert.equal(await codeOf("env:K", { K: one }), "seal-key-refused", one);
    assert.equal(await codeOf("env:K", { K: key.toString("hex") }), "found");
    assert.equal(await codeOf(text), "seal-key-refused");
  });
});
