import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import { keyContract } from "#storage/key-contract.test-helper.ts";
import { created, declared, digest, onThisThread, storeContract } from "#storage/store-contract.test-helper.ts";
import { temporaryFolder } from "#storage/temporary-folder.test-helper.ts";
import { type Migration, migrate, migrations } from "./migrations.ts";
import { openDatabase } from "./open-database.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const folder = temporaryFolder();
let files = 0;

function newPath(): string {
  return join(folder, `store-${files++}.db`);
}

storeContract("SQLite in a file", async () => onThisThread(openSqliteStore(newPath())));
storeContract("SQLite in memory", async () => onThisThread(openSqliteStore(":memory:")));
keyContract("SQLite in memory", async () => onThisThread(openSqliteStore(":memory:")));

describe("a database file", () => {
  it("keeps everything over a reopening", () => {
    const path = newPath();
    const first = openSqliteStore(path);
    first.subscriptions.create(created("a", 1, { secondaryDigest: digest(2) }));
    first.subscriptions.upsertDeclared([declared("b", 3)]);
    first.quotas.lease("q", 5, 7, 10);
    const before = first.subscriptions.list({ after: null, limit: 10 });
    first.close();
    const second = openSqliteStore(path);
    assert.deepEqual(second.subscriptions.list({ after: null, limit: 10 }), before);
    assert.equal(second.subscriptions.keys({ after: null, limit: 10 }).length, 3);
    assert.deepEqual(second.quotas.lease("q", 5, 7, 10), { leased: 10, granted: 3 });
    second.close();
  });

  it("is for its owner only, side files included, even when it was open to others before", { skip: noModes() }, () => {
    const path = newPath();
    writeFileSync(path, "");
    chmodSync(path, 0o644);
    const store = openSqliteStore(path);
    store.quotas.lease("q", 0, 1, 1);
    const ours = readdirSync(folder).filter((name) => join(folder, name).startsWith(path));
    assert.ok(ours.length >= 2, "the log must be there while the store is open");
    for (const name of ours) assert.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name);
    store.close();
  });

  it("syncs each commit to a log that others can read beside", () => {
    const database = openDatabase(newPath());
    assert.equal(database.prepare("PRAGMA journal_mode").get()?.["journal_mode"], "wal");
    assert.equal(database.prepare("PRAGMA synchronous").get()?.["synchronous"], 2);
    database.close();
  });

  it("a lease that was granted is there after the process was killed", async () => {
    const path = newPath();
    const script = join(import.meta.dirname, "lease-and-wait.test-helper.ts");
    for (const total of [10, 20]) {
      const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
      const [line] = (await once(child.stdout, "data")) as [Buffer];
      assert.equal(Number(line.toString()), total);
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    const store = openSqliteStore(path);
    assert.deepEqual(store.quotas.lease("q", 0, 0, 100), { leased: 20, granted: 0 });
    store.close();
  });

  it("two processes' leases of one window add up", () => {
    const path = newPath();
    const [one, two] = [openSqliteStore(path), openSqliteStore(path)];
    one.quotas.lease("q", 0, 60, 100);
    assert.deepEqual(two.quotas.lease("q", 0, 60, 100), { leased: 100, granted: 40 });
    assert.deepEqual(one.quotas.lease("q", 0, 60, 100), { leased: 100, granted: 0 });
    one.close();
    two.close();
  });

  it("that is none is reported as damaged, and left as it is", () => {
    const path = newPath();
    const text = "this is not a database, but somebody's notes".repeat(100);
    writeFileSync(path, text);
    assert.throws(() => openSqliteStore(path), { code: "store-corrupt" });
    assert.equal(readFileSync(path, "utf8"), text);
  });

  it("that cannot be made is reported with its name", () => {
    const path = join(folder, "missing", "x.db");
    assert.throws(() => openSqliteStore(path), { code: "store-unavailable", message: /missing/ });
  });
});

describe("migrations", () => {
  const next: Migration = { version: migrations.length + 1, sql: "CREATE TABLE more (id INTEGER) STRICT" };

  it("count from 1 without a hole", () => {
    assert.deepEqual(
      migrations.map(({ version }) => version),
      migrations.map((_, at) => at + 1),
    );
  });

  it("bring an older database forward and keep its content", () => {
    const database = new DatabaseSync(":memory:");
    migrate(database);
    database.exec("INSERT INTO quota_leases VALUES ('q', 0, 5, NULL)");
    migrate(database, [...migrations, next]);
    migrate(database, [...migrations, next]);
    assert.equal(database.prepare("SELECT leased FROM quota_leases").get()?.["leased"], 5);
    assert.equal(database.prepare("SELECT count(*) AS n FROM schema_migrations").get()?.["n"], next.version);
    assert.doesNotThrow(() => database.exec("SELECT id FROM more"));
    database.close();
  });

  it("leave a database alone that a newer program has written", () => {
    const path = newPath();
    const database = new DatabaseSync(path);
    migrate(database, [...migrations, next]);
    database.close();
    assert.throws(() => openSqliteStore(path), {
      code: "store-unavailable",
      message: new RegExp(`schema ${next.version}, this program knows ${migrations.length}`),
    });
  });

  it("keep subscriptions and their keys when the states become more", () => {
    const database = new DatabaseSync(":memory:");
    database.exec("PRAGMA foreign_keys = ON");
    migrate(database, migrations.slice(0, 2));
    database.exec("INSERT INTO subscriptions VALUES ('a', 'all', 'suspended', 'created', 7)");
    database.exec(`INSERT INTO subscription_keys VALUES (x'${"01".repeat(32)}', 'a', 'primary')`);
    migrate(database);
    assert.deepEqual(
      { ...database.prepare("SELECT name, state, started_at FROM subscriptions").get() },
      { name: "a", state: "suspended", started_at: 7 },
    );
    assert.equal(database.prepare("SELECT subscription FROM subscription_keys").get()?.["subscription"], "a");
    database.exec("DELETE FROM subscriptions");
    assert.equal(database.prepare("SELECT count(*) AS n FROM subscription_keys").get()?.["n"], 0);
    database.close();
  });

  it("keep keys with what is known of them, and messages with what they are about, when old keys may go on", () => {
    const database = new DatabaseSync(":memory:");
    migrate(database, migrations.slice(0, 14));
    database.exec("INSERT INTO subscriptions VALUES ('a', 'all', 'active', 'created', 7, NULL, NULL, 7, NULL)");
    const [one, two] = [1, 2].map((byte) => `x'${`0${byte}`.repeat(32)}'`);
    database.exec(`INSERT INTO subscription_keys VALUES (${one}, 'a', 'primary')`);
    database.exec(`INSERT INTO key_uses VALUES (${one}, 8, 8, 9)`);
    database.exec("INSERT INTO outbox VALUES ('m', 'webhook', 'hook', 'r1', '{}', 1, 'waiting', 0, 1, '')");
    migrate(database);
    const key = database.prepare(
      "SELECT slot, old_until, used_at, told FROM subscription_keys JOIN key_uses USING (digest)",
    );
    assert.deepEqual({ ...key.get() }, { slot: "primary", old_until: null, used_at: 9, told: null });
    assert.equal(database.prepare("SELECT subject FROM outbox").get()?.["subject"], "access:r1");
    const second = `INSERT INTO subscription_keys VALUES (${two}, 'a', 'primary', NULL, NULL)`;
    assert.throws(() => database.exec(second), /UNIQUE/, "a slot has one key");
    database.exec(`UPDATE subscription_keys SET old_since = 1, old_until = 2`);
    assert.doesNotThrow(() => database.exec(second));
    database.close();
  });

  it("that fail half-way leave nothing of the step behind", () => {
    const database = new DatabaseSync(":memory:");
    const broken: Migration = {
      version: migrations.length + 1,
      sql: "CREATE TABLE half (id INTEGER); CREATE TABLE half (id INTEGER)",
    };
    assert.throws(() => migrate(database, [...migrations, broken]), { code: "store-unavailable" });
    assert.throws(() => database.exec("SELECT * FROM half"), /no such table/);
    migrate(database, [...migrations, next]);
    database.close();
  });
});

function noModes(): string | false {
  return process.platform === "win32" ? "file modes do not exist on Windows" : false;
}
