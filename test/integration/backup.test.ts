import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askAdmin } from "#test/support/admin.ts";
import { call } from "#test/support/client.ts";
import { eventOf } from "#test/support/events.ts";
import {
  cli,
  type CliResult,
  ready,
  runCli,
  spawnCli,
  startTestGateway,
  type TestGateway,
} from "#test/support/gateway.ts";

const definition = `version: 1
edge: { https: internal, listen: { https: "127.0.0.1:0", http: "127.0.0.1:0" } }
apis:
  keyed: { path: /keyed, policies: { inbound: [base, { return-response: { status: 200 } }] } }
  told: { path: /told, openapi: ./openapi/told.yaml, respond: { file: ./pages/told.html }, access: public, policies: ./told.xml }
products: { basic: { apis: [keyed], subscription: key } }
schemas: { note: { json: ./schemas/note.json } }
`;
const documents: Readonly<Record<string, string>> = {
  "openapi/told.yaml":
    "openapi: 3.0.3\ninfo: { title: Told, version: '1' }\npaths: { /note: { post: { responses: { '200': { description: ok } } } } }\n",
  "pages/told.html": "<h1>told</h1>",
  "schemas/note.json": '{ "type": "object", "required": ["text"] }',
  "told.xml": `<policies><inbound><base /><validate-content unspecified-content-type-action="prevent" max-size="1000" size-exceeded-action="prevent">
  <content type="application/json" validate-as="json" action="prevent" schema-id="note" /></validate-content></inbound>
  <outbound><base /><set-header name="X-Told" exists-action="override"><value>by the policy</value></set-header></outbound></policies>`,
};

/** A gateway goes on elsewhere with what a backup of the running one holds. */
describe("backup and restore", () => {
  let folder: string;
  let gateway: TestGateway;
  let key: string;
  let oldKeys: readonly string[];
  let file: string;
  let recorded: string;
  const kek = (name: string): string => `file:${join(folder, name)}`;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-backup-"));
    for (const name of ["kek", "other"]) {
      writeFileSync(join(folder, name), randomBytes(32).toString("base64"), { mode: 0o600 });
    }
    file = join(folder, "backup.tar.gz");
    gateway = await start("one", "kek");
    const made = await runCli([
      "subscriptions",
      "create",
      "team",
      "--product",
      "basic",
      "--data",
      gateway.data,
      "--json",
    ]);
    const issued = JSON.parse(made.stdout) as { primaryKey: string; secondaryKey: string };
    key = issued.primaryKey;
    oldKeys = [issued.secondaryKey, await rotate()];
    await rotate();
    inStore(gateway.data, (database) =>
      database.exec(
        `INSERT INTO sessions (digest, handle, provider, host, subject, created_at, seen_at, ends_at, sealed)
         VALUES (randomblob(32), 'h', 'corp', 'localhost', 'ada', 0, 9e14, 9e14, x'00')`,
      ),
    );
  });
  after(async () => {
    await gateway.cleanUp();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Makes another secondary key; the one before goes on for two weeks. */
  async function rotate(): Promise<string> {
    const rotated = (await askAdmin(gateway, "POST /subscriptions/team/rotate-keys?slot=secondary")).json();
    return (rotated["keys"] as readonly { readonly key: string }[])[0]?.key ?? "";
  }

  async function start(name: string, by: string): Promise<TestGateway> {
    for (const part of ["openapi", "pages", "schemas"]) mkdirSync(join(folder, name, part), { recursive: true });
    return startTestGateway({
      definition,
      files: documents,
      folder: join(folder, name),
      args: ["--workers", "2", "--kek", kek(by)],
    });
  }
  const restore = (name: string, by: string, ...more: readonly string[]): Promise<CliResult> => {
    const place = ["--data", join(folder, name, "data"), "--kek", kek(by)];
    return runCli(["restore", file, ...place, ...more]);
  };
  const inStore = <Result>(data: string, use: (database: DatabaseSync) => Result): Result => {
    const database = new DatabaseSync(join(data, "sallyport.db"), { timeout: 5000 });
    try {
      return use(database);
    } finally {
      database.close();
    }
  };
  const ask = (of: TestGateway, by = key): ReturnType<typeof call> => {
    return call(of, "/keyed/x", { headers: { "ocp-apim-subscription-key": by } });
  };

  it("is written while the gateway works, and misses nothing that was there before", async () => {
    const working = new AbortController();
    const statuses = new Set<number>();
    recorded = String((await ask(gateway)).headers["x-request-id"]);
    // The record is in its file within 100 ms.
    await sleep(300);
    const load = Array.from({ length: 8 }, async () => {
      while (!working.signal.aborted) statuses.add((await ask(gateway)).status);
    });
    const { code, stdout, stderr } = await runCli(["backup", file, "--data", gateway.data, "--json"]);
    working.abort();
    await Promise.all(load);
    assert.equal(code, 0, stderr);
    assert.deepEqual([...statuses], [200]);
    const facts = JSON.parse(stdout) as { keyEncryptionKeys: string[]; definition: { file: string; files: number } };
    assert.deepEqual([facts.definition.file, facts.definition.files], ["sallyport.yaml", 5]);
    assert.match(facts.keyEncryptionKeys[0] ?? "", /^[0-9a-f]{16}$/);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(folder).toSorted(), ["backup.tar.gz", "kek", "one", "other"]);
    const again = await runCli(["backup", file, "--data", gateway.data]);
    assert.match(again.stderr, /\(file-exists\)/);
    const event = await eventOf(gateway, "backup.made");
    assert.match(event?.principal.id ?? "", /^unix\|\|\d+$/, "the gateway that runs has it on record");
    assert.ok(Number(event?.details["files"]) > 5);
  });

  it("is restored elsewhere: keys, authority and record go on, and nobody is logged in", async () => {
    const { code, stdout, stderr } = await restore("two", "kek", "--json");
    assert.equal(code, 0, stderr);
    const count = (data: string): unknown =>
      inStore(data, (database) => database.prepare("SELECT count(*) AS count FROM sessions").get()?.["count"]);
    assert.deepEqual([count(gateway.data), count(join(folder, "two", "data"))], [1, 0]);
    const { aside, key: fits, auditOk } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual({ aside, fits, auditOk }, { aside: null, fits: "fits", auditOk: true });
    // The grace of the first of the old keys is over when the gateway starts again.
    inStore(join(folder, "two", "data"), (database) =>
      database.exec(
        "UPDATE subscription_keys SET old_until = 1 WHERE old_since = (SELECT min(old_since) FROM subscription_keys)",
      ),
    );
    const other = await start("two", "kek");
    try {
      assert.equal(other.ca, gateway.ca);
      assert.equal((await ask(other)).status, 200);
      const ofOldKeys = await Promise.all(oldKeys.map((one) => ask(other, one)));
      assert.deepEqual(
        ofOldKeys.map(({ status }) => status),
        [401, 200],
      );
      const issued = ["ca", "issue", "--dns", "x.test", "--out", join(folder, "two", "x")];
      assert.equal((await runCli([...issued, "--data", other.data, "--kek", kek("kek")])).code, 0);
      assert.equal(await other.stop(), 0);
      const verified = await runCli(["audit", "verify", "--data", other.data, "--json"]);
      assert.equal(verified.code, 0, verified.stdout);
      assert.equal((JSON.parse(verified.stdout) as { gapCount: number }).gapCount, 1);
      assert.equal((await runCli(["explain", recorded, "--data", other.data])).code, 0);
      assert.ok((await eventOf(other, "backup.restored")) !== undefined);
    } finally {
      await other.cleanUp();
    }
  });

  it("is refused with another key, at the restore and at the start", async () => {
    const wrong = await restore("three", "other");
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /\(seal-key-wrong\)\n {2}fix: /);
    assert.deepEqual(readdirSync(join(folder, "three", "data")), ["lock"]);
    assert.equal((await restore("three", "kek")).code, 0);
    await assert.rejects(start("three", "other"), /seal-key-wrong/);
  });

  it("replaces nothing while a gateway runs, nor without being told, nor when it is damaged", async () => {
    assert.match((await restore("one", "kek", "--force")).stderr, /\(data-locked\)/);
    const full = await restore("three", "kek");
    assert.match(full.stderr, /\(data-not-empty\)\n {2}fix: .*--force/);
    const data = join(folder, "three", "data");
    const old = readFileSync(join(data, "seal.json"), "utf8");
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length - 100));
    const cut = await restore("three", "kek", "--force");
    assert.equal(cut.code, 1);
    assert.match(cut.stderr, /\(backup-damaged\)\n {2}fix: /);
    assert.equal(readFileSync(join(data, "seal.json"), "utf8"), old);
    assert.ok(!existsSync(join(data, ".restore")));
    writeFileSync(file, whole);
    writeFileSync(join(data, "mark"), "of before");
    const forced = await restore("three", "kek", "--force", "--json");
    const { aside } = JSON.parse(forced.stdout) as { aside: string };
    assert.equal(readFileSync(join(aside, "mark"), "utf8"), "of before");
    assert.ok(!existsSync(join(data, "mark")));
  });

  const isRoot = process.getuid?.() === 0;
  it(
    "is not put where the gateway could not read it",
    { skip: isRoot ? false : "only root may give a folder away" },
    async () => {
      mkdirSync(join(folder, "five", "data"), { recursive: true });
      chownSync(join(folder, "five", "data"), 12_345, 12_345);
      const { code, stderr } = await restore("five", "kek");
      assert.equal(code, 1);
      assert.match(stderr, /is another user's: run this as that user/);
      assert.deepEqual(readdirSync(join(folder, "five", "data")), []);
    },
  );

  it("holds the definition: from the backup alone a gateway starts elsewhere, and answers as the one before", async () => {
    const post = (of: TestGateway, body: string) =>
      call(of, "/told/note", { method: "POST", headers: { "content-type": "application/json" }, body });
    const answers = async (of: TestGateway): Promise<unknown> => {
      const all = [await ask(of), await post(of, '{"text":"x"}'), await post(of, "{}"), await call(of, "/told/x")];
      return all.map(({ status, text, headers }) => [status, status === 200 ? text : "", headers["x-told"]]);
    };
    const one = await answers(gateway);
    assert.deepEqual(one, [
      [200, "", undefined],
      [200, "<h1>told</h1>", "by the policy"],
      [400, "", undefined],
      [404, "", undefined],
    ]);
    const place = join(folder, "six", "etc");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "sallyport.yaml"), "version: 1 # somebody's work");
    const differs = await restore("six", "kek", "--definition", place);
    assert.match(differs.stderr, /\(restore-differs\)\n {2}fix: .*--force/);
    assert.deepEqual(readdirSync(join(folder, "six", "data")), ["lock"]);
    const restored = await restore("six", "kek", "--definition", place, "--force");
    assert.equal(restored.code, 0, restored.stderr);
    assert.match(restored.stdout, /its definition \(5 files/);
    const kept = readdirSync(place).find((name) => name.startsWith("sallyport.yaml.before-restore-"));
    assert.equal(readFileSync(join(place, kept ?? ""), "utf8"), "version: 1 # somebody's work");
    for (const [name, text] of Object.entries(documents)) assert.equal(readFileSync(join(place, name), "utf8"), text);
    const data = join(folder, "six", "data");
    const run = [
      "run",
      "--config",
      join(place, "sallyport.yaml"),
      "--data",
      data,
      "--workers",
      "1",
      "--kek",
      kek("kek"),
    ];
    const six = await ready(spawnCli(cli, run), join(folder, "six"), data);
    try {
      assert.deepEqual(await answers(six), one);
    } finally {
      await six.cleanUp();
    }
  });

  it("can be made of a stopped gateway, and without the record", async () => {
    await gateway.stop();
    const small = join(folder, "small.tar.gz");
    const made = await runCli(["backup", small, "--data", gateway.data, "--no-audit"]);
    assert.equal(made.code, 0, made.stderr);
    const place = ["--data", join(folder, "four"), "--kek", kek("kek"), "--json"];
    const { stdout } = await runCli(["restore", small, ...place]);
    assert.equal((JSON.parse(stdout) as { auditOk: boolean | null }).auditOk, null);
    assert.ok(!existsSync(join(folder, "four", "audit")));
    const nowhere = await runCli(["backup", join(folder, "none.tar.gz"), "--data", join(folder, "none")]);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /is no data folder of a gateway/);
  });
});
