import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SubscriptionDeclaration, SubscriptionScope } from "#model/definition.ts";
import { Secret } from "#model/secret.ts";
import { forEachKey } from "#storage/each-key.ts";
import type { KeyChanges, KeyRow, Store } from "#storage/interfaces.ts";
import { openSqliteStore } from "#storage/sqlite/sqlite-store.ts";
import { onThisThread } from "#storage/store-contract.test-helper.ts";
import { syncDeclarations } from "./declared.ts";
import { createKeyHasher } from "./keys.ts";
import { scopeText } from "./scope-text.ts";
import { Subscriptions } from "./subscriptions.ts";

const hasher = createKeyHasher(new Uint8Array(32).fill(7));
const clock = { now: () => 1234.5 };
const starter: SubscriptionScope = { kind: "product", product: "starter" };

let store: Store;
let subscriptions: Subscriptions;
/** What the key index would hold: digest in hex → row. */
let index: Map<string, KeyRow>;

beforeEach(() => {
  store = onThisThread(openSqliteStore(":memory:"));
  index = new Map();
  subscriptions = new Subscriptions({
    store: store.subscriptions,
    hasher,
    random: { bytes: randomBytes },
    clock,
    scopeExists: (scope) => scope.kind !== "product" || scope.product === "starter",
    onKeys: follow,
  });
});
afterEach(() => store.close());

function follow({ removed, set }: KeyChanges): void {
  for (const digest of removed) assert.ok(index.delete(hex(digest)), "only what was there is removed");
  for (const row of set) index.set(hex(row.digest), row);
}

function hex(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}

/** `name scope state slot` of what a key opens. */
function opens(key: string): string | undefined {
  const row = index.get(hex(hasher.digest(key)));
  return row && `${row.subscription} ${row.scope} ${row.state} ${row.slot}`;
}

async function sync(...list: readonly SubscriptionDeclaration[]): Promise<void> {
  follow(await syncDeclarations(store.subscriptions, hasher, clock, list));
}

function declaration(name: string, key: string, state: "active" | "suspended" = "active"): SubscriptionDeclaration {
  const at = { file: "f", line: 1, column: 1 };
  return { name, scope: { kind: "all" }, primaryKey: new Secret("test", key), secondaryKey: null, state, at };
}

/** The index, kept by changes alone, must be what a fresh start would read. */
async function assertIndexIsStore(): Promise<void> {
  const fresh = new Map<string, KeyRow>();
  await forEachKey(store.subscriptions, (row) => fresh.set(hex(row.digest), row));
  assert.deepEqual(new Map([...index].toSorted()), fresh);
}

describe("subscriptions", () => {
  it("a new one has two keys that work, and no key is in the store", async () => {
    const issued = await subscriptions.create({ name: "alice", scope: starter });
    assert.deepEqual(issued.subscription, await store.subscriptions.get("alice"));
    assert.equal(issued.subscription.createdAt, 1234);
    assert.equal(opens(issued.primaryKey), "alice product:starter active primary");
    assert.equal(opens(issued.secondaryKey), "alice product:starter active secondary");
    const rows = await store.subscriptions.keys({ after: null, limit: 10 });
    for (const { digest } of rows) assert.doesNotMatch(Buffer.from(digest).toString("latin1"), /sp_/);
    await assertIndexIsStore();
  });

  it("refuses names and scopes that make no sense, and taken names", async () => {
    for (const name of ["", "-a", "a b", "a\n", "../x", "a".repeat(129)]) {
      await assert.rejects(subscriptions.create({ name, scope: starter }), { code: "client-malformed", status: 400 });
    }
    const gone: SubscriptionScope = { kind: "product", product: "gone" };
    await assert.rejects(subscriptions.create({ name: "a", scope: gone }), { message: "there is no product:gone" });
    await subscriptions.create({ name: "a", scope: starter });
    await assert.rejects(subscriptions.create({ name: "a", scope: starter }), { code: "store-conflict" });
    await assertIndexIsStore();
  });

  it("suspends and activates", async () => {
    const { primaryKey } = await subscriptions.create({ name: "a", scope: { kind: "api", api: "orders" } });
    await subscriptions.suspend("a");
    assert.equal(opens(primaryKey), "a api:orders suspended primary");
    await assertIndexIsStore();
    await subscriptions.activate("a");
    assert.equal(opens(primaryKey), "a api:orders active primary");
  });

  it("a regenerated key replaces its slot's at once and leaves the other", async () => {
    const { primaryKey, secondaryKey } = await subscriptions.create({ name: "a", scope: starter });
    const key = await subscriptions.regenerateKey("a", "secondary");
    assert.equal(opens(secondaryKey), undefined);
    assert.equal(opens(key), "a product:starter active secondary");
    assert.equal(opens(primaryKey), "a product:starter active primary");
    await assertIndexIsStore();
  });

  it("a removed one opens nothing", async () => {
    const { primaryKey, secondaryKey } = await subscriptions.create({ name: "a", scope: starter });
    await subscriptions.remove("a");
    assert.deepEqual([opens(primaryKey), opens(secondaryKey)], [undefined, undefined]);
    await assertIndexIsStore();
  });

  it("says so when there is none", async () => {
    const none = { code: "client-malformed", status: 404, expose: true };
    await assert.rejects(subscriptions.suspend("nobody"), none);
    await assert.rejects(subscriptions.regenerateKey("nobody", "primary"), none);
    await assert.rejects(subscriptions.remove("nobody"), none);
  });

  it("lists a page at a time", async () => {
    for (const name of ["b", "a", "c"]) await subscriptions.create({ name, scope: starter });
    const page = await subscriptions.list({ after: "a", limit: 1 });
    assert.deepEqual(
      page.map(({ name }) => name),
      ["b"],
    );
  });
});

describe("declared subscriptions", () => {
  it("follow the definition over reloads", async () => {
    await sync(declaration("a", "key-a"), declaration("b", "key-b"));
    assert.equal(opens("key-a"), "a all active primary");
    await sync(declaration("a", "key-new"), declaration("b", "key-b", "suspended"));
    assert.deepEqual([opens("key-a"), opens("key-new")], [undefined, "a all active primary"]);
    assert.equal(opens("key-b"), "b all suspended primary");
    await sync();
    assert.equal(index.size, 0);
    await assertIndexIsStore();
  });

  it("are changed in the definition only", async () => {
    await sync(declaration("a", "key-a"));
    const refused = { code: "store-conflict", status: 409, message: /definition/ };
    await assert.rejects(subscriptions.suspend("a"), refused);
    await assert.rejects(subscriptions.regenerateKey("a", "primary"), refused);
    await assert.rejects(subscriptions.remove("a"), refused);
    assert.equal(opens("key-a"), "a all active primary");
  });
});

it("writes scopes as the records have them", () => {
  assert.deepEqual(
    [scopeText(starter), scopeText({ kind: "api", api: "o" }), scopeText({ kind: "all" })],
    ["product:starter", "api:o", "all"],
  );
});
