import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { call } from "#test/support/client.ts";
import { type CliResult, runCli, startTestGateway, type TestGateway } from "#test/support/gateway.ts";

const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis: { keyed: { path: /keyed, policies: { inbound: [base, { return-response: { status: 200 } }] } } }
products: { basic: { apis: [keyed], subscription: key } }
subscriptions: { one: { product: basic, key: { env: KEY } } }
environments: { dev: {}, prod: {} }
`;
const apiKey = "sp_a_key_of_this_test_0123456789";
const newKek = (): string => randomBytes(32).toString("base64");

/** The data folder opens with its key-encryption key only, which may change. */
describe("sealing", () => {
  let folder: string;
  let kek: string;
  const [first, second] = [newKek(), newKek()];
  let newestKek = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-sealing-"));
    kek = join(folder, "kek");
    mkdirSync(join(folder, "beside"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const write = (...keys: readonly string[]): void => writeFileSync(kek, keys.join("\n"), { mode: 0o600 });
  const start = (): Promise<TestGateway> =>
    startTestGateway({
      definition,
      folder,
      args: ["--workers", "1", "--env", "prod", "--kek", `file:${kek}`],
      env: { KEY: apiKey },
    });
  const fail = (env: Record<string, string>, ...args: readonly string[]): Promise<CliResult> => {
    const place = ["--config", join(folder, "sallyport.yaml"), "--data", join(folder, "data")];
    return runCli(["run", ...place, "--workers", "1", ...args], { KEY: apiKey, ...env });
  };
  const ring = (): string => readFileSync(join(folder, "data", "seal.json"), "utf8");
  async function startsWith(...keys: readonly string[]): Promise<string> {
    write(...keys);
    const gateway = await start();
    const { status } = await call(gateway, "/keyed/x", { headers: { "ocp-apim-subscription-key": apiKey } });
    assert.equal(status, 200);
    assert.equal(await gateway.stop(), 0, gateway.output());
    return ring();
  }

  it("takes a wrong key for an error at the start, and changes nothing", async () => {
    const made = await startsWith(first);
    write(second);
    const { code, stderr } = await fail({}, "--env", "prod", "--kek", `file:${kek}`);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /sealed under the key-encryption key [0-9a-f]{16}; file .* holds [0-9a-f]{16} \(seal-key-wrong\)\n {2}fix: /,
    );
    assert.equal(ring(), made);
  });

  it("goes over to a new key that stands before the old one", async () => {
    const old = ring();
    const rewritten = await startsWith(second, first);
    assert.notEqual(rewritten, old);
    assert.equal(await startsWith(second), rewritten);
  });

  it("takes the key from the environment, where no definition sees it", async () => {
    const gateway = await startTestGateway({
      definition,
      folder,
      args: ["--workers", "1", "--env", "prod"],
      env: { KEY: apiKey, SALLYPORT_KEK: "env:THE_KEK", THE_KEK: second },
    });
    assert.equal(await gateway.stop(), 0);
    writeFileSync(join(folder, "sallyport.yaml"), definition.replace("{ env: KEY }", "{ env: THE_KEK }"));
    const stolen = await fail({ SALLYPORT_KEK: "env:THE_KEK", THE_KEK: second }, "--env", "prod");
    assert.match(stolen.stderr, /the environment variable THE_KEK is not set/);
    writeFileSync(join(folder, "sallyport.yaml"), definition);
  });

  it("takes the key from systemd", async () => {
    mkdirSync(join(folder, "credentials"));
    writeFileSync(join(folder, "credentials", "sallyport-kek"), second, { mode: 0o440 });
    const { code, stdout } = await runCli(["seal", "status", "--data", join(folder, "data")], {
      CREDENTIALS_DIRECTORY: join(folder, "credentials"),
    });
    assert.equal(code, 0);
    assert.match(stdout, /from credential sallyport-kek\n/);
  });

  it("makes no key in production", async () => {
    const config = join(folder, "config");
    const other = ["--data", join(folder, "other")];
    const { code, stderr } = await fail({ XDG_CONFIG_HOME: config }, "--env", "prod", ...other);
    assert.equal(code, 1);
    assert.match(stderr, /nothing says where the key-encryption key is.*\(seal-key-missing\)\n {2}fix: .*--kek/);
    assert.ok(!existsSync(config));
  });

  it("is rotated and shown at the command line", async () => {
    const place = ["--data", join(folder, "data"), "--kek", `file:${kek}`];
    const status = async (): Promise<{ keyEncryptionKeys: string[]; keys: { id: string }[]; current: boolean }> => {
      const { code, stdout, stderr } = await runCli(["seal", "status", ...place, "--json"]);
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const old = await status();
    assert.ok(old.current);
    const gateway = await start();
    const running = await runCli(["seal", "rotate", ...place]);
    assert.equal(running.code, 1);
    assert.match(running.stderr, /\(data-locked\)/);
    await gateway.stop();
    const { code, stdout } = await runCli(["seal", "rotate", ...place]);
    assert.equal(code, 0);
    assert.match(stdout, /take the old key out of/);
    const rotated = await status();
    assert.deepEqual(rotated.keyEncryptionKeys.slice(1), old.keyEncryptionKeys);
    assert.deepEqual(rotated.keys.slice(1), old.keys);
    [newestKek = ""] = readFileSync(kek, "utf8").split("\n");
    write(newestKek);
    assert.ok((await status()).current);
    write(second);
    const lost = await runCli(["seal", "status", ...place]);
    assert.equal(lost.code, 1);
    assert.match(lost.stderr, /\(seal-key-wrong\)/);
  });

  it("lets commands beside a gateway work, with the key and, for what is public, without", async () => {
    const gateway = await startTestGateway({
      definition,
      folder: join(folder, "beside"),
      args: ["--workers", "1", "--env", "dev", "--kek", `file:${kek}`],
      env: { KEY: apiKey },
    });
    try {
      const ca = (args: readonly string[], env = {}): Promise<CliResult> =>
        runCli(["ca", ...args, "--data", gateway.data], env);
      const out = join(folder, "work");
      const nowhere = { XDG_CONFIG_HOME: join(folder, "none") };
      const refused = await ca(["issue", "--dns", "work.test", "--out", out], nowhere);
      assert.match(refused.stderr, /\(seal-key-missing\)\n {2}fix: .*--kek/);
      const issued = await ca(["issue", "--dns", "work.test", "--out", out], {
        ...nowhere,
        SALLYPORT_KEK: `file:${kek}`,
      });
      assert.equal(issued.code, 0, issued.stderr);
      assert.match((await ca(["list"], nowhere)).stdout, /valid +work\.test/);
      assert.equal((await runCli(["trust", "--print", "--data", gateway.data], nowhere)).code, 0);
    } finally {
      await gateway.cleanUp();
    }
  });

  it("does not serve with a pepper that was altered", async () => {
    write(newestKek);
    const file = join(folder, "data", "pepper.key");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, `${whole.slice(0, 80)}${whole[80] === "A" ? "B" : "A"}${whole.slice(81)}`);
    const { code, stderr } = await fail({}, "--env", "prod", "--kek", `file:${kek}`);
    writeFileSync(file, whole);
    assert.equal(code, 1);
    assert.match(stderr, /sealed as pepper\.key cannot be opened: .* \(seal-broken\)\n {2}fix: /);
  });

  it("does not begin anew over sealed secrets whose keys are gone", async () => {
    write(second);
    rmSync(join(folder, "data", "seal.json"));
    const { code, stderr } = await fail({}, "--env", "prod", "--kek", `file:${kek}`);
    assert.equal(code, 1);
    assert.match(stderr, /seal\.json is missing.*\(store-corrupt\)/);
    assert.ok(!existsSync(join(folder, "data", "seal.json")));
  });
});
