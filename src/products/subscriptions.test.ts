import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { SubscriptionDeclaration, SubscriptionScope } from "#model/definition.ts";
import type { GatewayError } from "#model/errors.ts";
import { Secret } from "#model/secret.ts";
import { forEachKey } from "#storage/each-key.ts";
import type { KeyChanges, KeyRow, Store } from "#storage/interfaces.ts";
import { openSqliteStore } from "#storage/sqlite/sqlite-store.ts";
import { onThisThread } from "#storage/store-contract.test-helper.ts";
import { syncDeclarations } from "./declared.ts";
import { createKeyHasher } from "./keys.ts";
import { scopeText } from "./scope-text.ts";
import { type Offer, type SubscriptionStep, Subscriptions } from "./subscriptions.ts";

const hasher = createKeyHasher(new Uint8Array(32).fill(7));
const clock = { now: () => 1234.5 };
const starter: SubscriptionScope = { kind: "product", product: "starter" };

let store: Store;
let subscriptions: Subscriptions;
const free: Offer = { approvalRequired: false, subscriptionsLimit: null, groups: null, isPublished: true };
const users = ["u1", "u2", "u3"].map((id) => ({ id, state: "active", groups: ["developers"] }) as const);
let offer: Partial<Offer>;
let ends: number;
/** What the key index would hold: digest in hex → row. */
let index: Map<string, KeyRow>;

beforeEach(() => {
  store = onThisThread(openSqliteStore(":memory:"));
  index = new Map();
  offer = {};
  ends = 0;
  subscriptions = new Subscriptions({
    store: store.subscriptions,
    hasher,
    random: { bytes: randomBytes },
    clock,
    offerOf: (scope) => (scope.kind !== "product" || scope.product === "starter" ? { ...free, ...offer } : null),
    userOf: async (id) => users.find((user) => user.id === id) ?? null,
    onKeys: follow,
    onEnd: () => (ends += 1),
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
  follow(await syncDeclarations(store.subscriptions, hasher, clock, { products: [], subscriptions: list }));
}

function declaration(name: string, key: string, state: "active" | "suspended" = "active"): SubscriptionDeclaration {
  const at = { file: "f", line: 1, column: 1 };
  const keys = { primaryKey: new Secret("test", key), secondaryKey: null };
  return { name, scope: { kind: "all" }, ...keys, state, displayName: null, owner: null, endsAt: null, at };
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
    await subscriptions.take("a", "suspend");
    assert.equal(opens(primaryKey), "a api:orders suspended primary");
    await assertIndexIsStore();
    await subscriptions.take("a", "activate");
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
    await assert.rejects(subscriptions.take("nobody", "suspend"), none);
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

describe("the life of a subscription", () => {
  const state = async (): Promise<string> => (await subscriptions.get("a")).state;
  const conflict = { code: "store-conflict", status: 409 };

  it("begins by approval where the product asks for it", async () => {
    offer = { approvalRequired: true };
    const { primaryKey, subscription } = await subscriptions.create({ name: "a", scope: starter, owner: "u1" });
    assert.deepEqual([subscription.state, subscription.startedAt], ["submitted", null]);
    assert.equal(opens(primaryKey), "a product:starter submitted primary");
    await subscriptions.take("a", "approve");
    assert.equal(opens(primaryKey), "a product:starter active primary");
    assert.equal((await subscriptions.get("a")).startedAt, 1234);
    await assertIndexIsStore();
  });

  it("goes only where it may", async () => {
    const all: readonly SubscriptionStep[] = ["approve", "reject", "suspend", "activate", "cancel"];
    const reach: Readonly<Record<string, readonly SubscriptionStep[]>> = {
      submitted: [],
      active: ["approve"],
      suspended: ["approve", "suspend"],
      rejected: ["reject"],
      cancelled: ["cancel"],
    };
    const leads: Record<string, readonly SubscriptionStep[]> = {};
    for (const [from, way] of Object.entries(reach)) {
      const possible: SubscriptionStep[] = [];
      for (const one of all) {
        offer = { approvalRequired: true };
        await subscriptions.create({ name: "a", scope: starter });
        for (const before of way) await subscriptions.take("a", before);
        assert.equal(await state(), from);
        await subscriptions.take("a", one).then(
          () => possible.push(one),
          (error: unknown) => assert.equal((error as GatewayError).code, "store-conflict"),
        );
        await subscriptions.remove("a");
      }
      leads[from] = possible;
    }
    assert.deepEqual(leads, {
      submitted: ["approve", "reject", "cancel"],
      active: ["suspend", "activate", "cancel"],
      suspended: ["suspend", "activate", "cancel"],
      rejected: [],
      cancelled: [],
    });
  });

  it("has an end, and another one when it is extended", async () => {
    await assert.rejects(subscriptions.create({ name: "a", scope: starter, endsAt: 1234 }), { status: 400 });
    const { primaryKey } = await subscriptions.create({ name: "a", scope: starter, endsAt: 2000 });
    assert.equal(ends, 1);
    follow(await store.subscriptions.expire(2000, 10));
    assert.equal(opens(primaryKey), "a product:starter expired primary");
    await assert.rejects(subscriptions.take("a", "activate"), conflict);
    await assert.rejects(subscriptions.extend("a", 1000), { status: 400 });
    await subscriptions.extend("a", 3000);
    assert.deepEqual([await state(), opens(primaryKey), ends], ["active", "a product:starter active primary", 2]);
    await subscriptions.take("a", "suspend");
    await subscriptions.extend("a", 4000);
    assert.equal(await state(), "suspended");
    await subscriptions.take("a", "cancel");
    await assert.rejects(subscriptions.extend("a", 5000), conflict);
  });

  it("is one of so many that its owner may have", async () => {
    offer = { subscriptionsLimit: 1 };
    await subscriptions.create({ name: "a", scope: starter, owner: "u1" });
    await assert.rejects(subscriptions.create({ name: "b", scope: starter, owner: "u1" }), conflict);
    await subscriptions.create({ name: "b", scope: starter, owner: "u2" });
    await assert.rejects(subscriptions.create({ name: "c", scope: starter, owner: "gone" }), {
      message: /no user gone/,
    });
    offer = { groups: [] };
    await assert.rejects(subscriptions.create({ name: "c", scope: starter, owner: "u3" }), { message: /for no group/ });
    offer = { groups: ["partners", "developers"] };
    await subscriptions.create({ name: "c", scope: starter, owner: "u3" });
    offer = { isPublished: false };
    await assert.rejects(subscriptions.create({ name: "d", scope: starter, owner: "u3" }), {
      message: /not published/,
    });
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

  it("end when they are to, and no reload begins them again", async () => {
    const ending = { ...declaration("a", "key-a"), owner: "u1", endsAt: 2000 };
    await sync(ending);
    assert.equal((await store.subscriptions.get("a"))?.owner, "u1");
    follow(await store.subscriptions.expire(3000, 10));
    assert.equal(opens("key-a"), "a all expired primary");
    await sync({ ...ending, endsAt: 1000 });
    assert.equal(opens("key-a"), "a all expired primary");
    await sync({ ...ending, endsAt: 5000 });
    assert.equal(opens("key-a"), "a all active primary");
  });

  it("are changed in the definition only", async () => {
    await sync(declaration("a", "key-a"));
    const refused = { code: "store-conflict", status: 409, message: /definition/ };
    await assert.rejects(subscriptions.take("a", "suspend"), refused);
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
