import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { accessContract } from "./access-contract.test-helper.ts";
import { outboxContract } from "./outbox-contract.test-helper.ts";
import { forEachKey } from "./each-key.ts";
import type {
  KeyRow,
  NewSubscription,
  StateChange,
  Store,
  SubscriptionState,
  SyncStore,
  UserRecord,
} from "./interfaces.ts";
import { sessionContract } from "./session-contract.test-helper.ts";
import {
  accessCalls,
  keyCalls,
  outboxCalls,
  quotaCalls,
  revocationCalls,
  scimCalls,
  sessionCalls,
  subscriptionCalls,
  userCalls,
} from "./store-messages.ts";

/** A digest that is all one byte. */
export function digest(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte);
}

export function created(name: string, primary: number, parts: Partial<NewSubscription> = {}): NewSubscription {
  return {
    name,
    scope: "product:starter",
    state: "active",
    source: "created",
    primaryDigest: digest(primary),
    secondaryDigest: null,
    createdAt: 1_700_000_000_000,
    ...parts,
  };
}

export function declared(name: string, primary: number, parts: Partial<NewSubscription> = {}): NewSubscription {
  return created(name, primary, { source: "declared", ...parts });
}

/** A driver behind the asynchronous face, without a thread. */
export function onThisThread(store: SyncStore): Store {
  return {
    subscriptions: wrapped(store.subscriptions, Object.keys(subscriptionCalls)) as Store["subscriptions"],
    keys: wrapped(store.keys, Object.keys(keyCalls)) as Store["keys"],
    users: wrapped(store.users, Object.keys(userCalls)) as Store["users"],
    revocations: wrapped(store.revocations, Object.keys(revocationCalls)) as Store["revocations"],
    scim: wrapped(store.scim, Object.keys(scimCalls)) as Store["scim"],
    quotas: wrapped(store.quotas, Object.keys(quotaCalls)) as Store["quotas"],
    access: wrapped(store.access, Object.keys(accessCalls)) as Store["access"],
    outbox: wrapped(store.outbox, Object.keys(outboxCalls)) as Store["outbox"],
    sessions: wrapped(store.sessions, Object.keys(sessionCalls)) as Store["sessions"],
    close: async (): Promise<void> => store.close(),
  };
}

function wrapped(part: object, methods: readonly string[]): unknown {
  const calls = part as Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
  const wrap =
    (method: string) =>
    async (...args: readonly unknown[]) =>
      calls[method]?.(...args);
  return Object.fromEntries(methods.map((method) => [method, wrap(method)]));
}

function step(to: SubscriptionState, ...from: readonly SubscriptionState[]): StateChange {
  return { to, from, at: 5000 };
}

export function person(id: string, parts: Partial<UserRecord> = {}): UserRecord {
  const email = `${id}@example.com`;
  const rest = { firstName: "", lastName: "", note: "", identities: [], groups: ["developers"], registeredAt: 7 };
  return { id, email, state: "active", ...rest, ...parts };
}

/** One line a key: `name/slot scope state byte`. */
function lines(rows: readonly KeyRow[]): readonly string[] {
  return rows.map((row) => `${row.subscription}/${row.slot} ${row.scope} ${row.state} ${row.digest[0]}`);
}

function bytes(digests: readonly Uint8Array[]): readonly (number | undefined)[] {
  return digests.map((one) => one[0]).toSorted();
}

/** What every store must do. `open` gives an empty one. */
export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(name, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    const allKeys = async (pageSize: number = 1000): Promise<readonly string[]> => {
      const rows: KeyRow[] = [];
      await forEachKey(store.subscriptions, (row) => rows.push(row), pageSize);
      return lines(rows);
    };

    it("keeps a created subscription, and tells what the key index needs", async () => {
      const changes = await store.subscriptions.create(created("alice", 2, { secondaryDigest: digest(1) }));
      assert.deepEqual(changes.removed, []);
      const expected = ["alice/primary product:starter active 2", "alice/secondary product:starter active 1"];
      assert.deepEqual(lines(changes.set), expected);
      assert.deepEqual(await allKeys(), expected.toReversed());
      assert.deepEqual(await store.subscriptions.get("alice"), {
        name: "alice",
        scope: "product:starter",
        state: "active",
        source: "created",
        hasSecondaryKey: true,
        createdAt: 1_700_000_000_000,
        displayName: null,
        owner: null,
        startedAt: null,
        endsAt: null,
      });
      assert.equal(await store.subscriptions.get("bob"), null);
    });

    it("a name and a key belong to one subscription only, and a refused one leaves nothing behind", async () => {
      await store.subscriptions.create(created("a", 1));
      const taken = { name: "GatewayError", code: "store-conflict", status: 409 };
      await assert.rejects(store.subscriptions.create(created("a", 2)), taken);
      await assert.rejects(store.subscriptions.create(created("b", 1)), taken);
      await assert.rejects(store.subscriptions.create(created("b", 2, { secondaryDigest: digest(1) })), taken);
      await assert.rejects(store.subscriptions.create(created("b", 2, { secondaryDigest: digest(2) })), taken);
      await assert.rejects(store.subscriptions.replaceKey("a", "secondary", digest(1), 1_700_000_000_000), taken);
      assert.deepEqual(await allKeys(), ["a/primary product:starter active 1"]);
      assert.equal((await store.subscriptions.list({ after: null, limit: 10 })).length, 1);
    });

    it("cuts a time to whole milliseconds, and does not call a bad value a conflict", async () => {
      await store.subscriptions.create(created("a", 1, { createdAt: 1.75 }));
      assert.equal((await store.subscriptions.get("a"))?.createdAt, 1);
      const bad = created("b", 2, { state: "closed" as "active" });
      await assert.rejects(store.subscriptions.create(bad), { code: "internal" });
    });

    it("refuses a digest that is none, and a page without an end", async () => {
      const short = created("a", 1, { primaryDigest: new Uint8Array(31) });
      await assert.rejects(store.subscriptions.create(short), { code: "internal" });
      for (const limit of [0, -1, 1.5, 10_001, Infinity]) {
        await assert.rejects(store.subscriptions.list({ after: null, limit }), { code: "internal" });
        await assert.rejects(store.subscriptions.keys({ after: null, limit }), { code: "internal" });
      }
    });

    it("lists a page at a time, by name", async () => {
      for (const [at, one] of ["c", "a", "b", "ä", "B"].entries()) await store.subscriptions.create(created(one, at));
      const first = await store.subscriptions.list({ after: null, limit: 3 });
      const second = await store.subscriptions.list({ after: first.at(-1)?.name ?? "", limit: 3 });
      assert.deepEqual(
        [...first, ...second].map((one) => one.name),
        ["B", "a", "b", "c", "ä"],
      );
    });

    it("visits every key once, whatever the size of a page", async () => {
      for (let at = 0; at < 7; at++) {
        await store.subscriptions.create(created(`s${at}`, at, { secondaryDigest: digest(100 + at) }));
      }
      for (const pageSize of [1, 3, 7, 14, 1000]) assert.equal(new Set(await allKeys(pageSize)).size, 14);
    });

    it("suspends and activates all keys of a subscription", async () => {
      await store.subscriptions.create(created("a", 1, { secondaryDigest: digest(2) }));
      const changes = await store.subscriptions.setState("a", step("suspended", "active"));
      const expected = ["a/primary product:starter suspended 1", "a/secondary product:starter suspended 2"];
      assert.deepEqual(lines(changes?.set ?? []), expected);
      assert.deepEqual(await allKeys(), expected);
      assert.equal((await store.subscriptions.get("a"))?.state, "suspended");
      await store.subscriptions.setState("a", step("active", "suspended"));
      assert.equal((await store.subscriptions.get("a"))?.state, "active");
      assert.equal(await store.subscriptions.setState("nobody", step("active", "suspended")), null);
    });

    it("takes a step only from where it leads, and remembers when a subscription began", async () => {
      await store.subscriptions.create(created("a", 1, { state: "submitted", owner: "u1", displayName: "A" }));
      const wrong = { code: "store-conflict", message: /subscription a is submitted/ };
      await assert.rejects(store.subscriptions.setState("a", step("suspended", "active")), wrong);
      await store.subscriptions.setState("a", step("active", "submitted"));
      await store.subscriptions.setState("a", step("suspended", "active"));
      await store.subscriptions.setState("a", { to: "active", from: ["suspended"], at: 6000, endsAt: 7000.5 });
      const { state, owner, displayName, startedAt, endsAt } = (await store.subscriptions.get("a")) ?? {};
      assert.deepEqual([state, owner, displayName, startedAt, endsAt], ["active", "u1", "A", 5000, 7000]);
    });

    it("gives an owner no more subscriptions to a scope than allowed, those that are over left out", async () => {
      const owned = (title: string, byte: number, parts: Partial<NewSubscription> = {}): NewSubscription =>
        created(title, byte, { owner: "u1", ...parts });
      await store.subscriptions.create(owned("a", 1), 2);
      await store.subscriptions.create(owned("b", 2, { state: "submitted" }), 2);
      const full = { code: "store-conflict", message: /u1 has 2 of at most 2/ };
      await assert.rejects(store.subscriptions.create(owned("c", 3), 2), full);
      await store.subscriptions.create(owned("c", 3, { scope: "product:other" }), 2);
      await store.subscriptions.create(owned("d", 4, { owner: "u2" }), 2);
      await store.subscriptions.create(created("e", 5), 2);
      await store.subscriptions.setState("a", step("cancelled", "active"));
      await store.subscriptions.create(owned("f", 6), 2);
    });

    it("ends what is to end, some at a time, and says when the next one does", async () => {
      assert.equal(await store.subscriptions.nextEnd(), null);
      for (const [one, byte, endsAt] of [
        ["a", 1, 3000],
        ["b", 2, 1000],
        ["c", 3, 2000],
      ] as const) {
        await store.subscriptions.create(created(one, byte, { endsAt, secondaryDigest: digest(byte + 10) }));
      }
      await store.subscriptions.create(created("over", 9, { endsAt: 500, state: "cancelled" }));
      assert.equal(await store.subscriptions.nextEnd(), 1000);
      assert.deepEqual(await store.subscriptions.expire(999, 10), { removed: [], set: [] });
      assert.equal((await store.subscriptions.expire(2000, 1)).set.length, 2);
      assert.equal((await store.subscriptions.expire(2000, 10)).set.length, 2);
      assert.deepEqual((await allKeys()).filter((line) => line.includes("expired")).length, 4);
      assert.equal(await store.subscriptions.nextEnd(), 3000);
      assert.equal((await store.subscriptions.get("over"))?.state, "cancelled");
    });

    it("keeps revocations, each kind and id once, up to so many, and forgets those that are over", async () => {
      const { revocations } = store;
      const ann = { kind: "principal", id: "i||ann", until: null, reason: "left", revokedAt: 5 } as const;
      const token = { kind: "token", id: "i||ann", until: 100, reason: "", revokedAt: 6 } as const;
      await revocations.put(ann, 2);
      await revocations.put(token, 2);
      assert.deepEqual(await revocations.all(), [ann, token]);
      await assert.rejects(revocations.put({ ...token, id: "other" }, 2), { code: "store-conflict" });
      const later = { ...token, until: 200, reason: "leaked" };
      await revocations.put(later, 2);
      assert.deepEqual(await revocations.all(), [ann, later]);
      await revocations.prune(199);
      assert.equal((await revocations.all()).length, 2);
      await revocations.prune(200);
      assert.deepEqual(await revocations.all(), [ann]);
      assert.equal(await revocations.remove(ann), true);
      assert.equal(await revocations.remove(ann), false);
    });

    it("keeps users with their groups, and each id and address once", async () => {
      const { users } = store;
      assert.deepEqual(
        (await users.groups()).map((one) => `${one.name} ${one.isBuiltIn}`),
        ["administrators true", "developers true", "guests true"],
      );
      await users.putGroup({ name: "partners", displayName: "Partners", description: "" });
      const ann = person("ann", { groups: ["developers", "partners"], identities: [{ provider: "AAD", id: "1" }] });
      assert.deepEqual(await users.put(ann, true), { removed: [], set: [] });
      assert.deepEqual(await users.get("ann"), ann);
      const taken = { code: "store-conflict" };
      await assert.rejects(users.put(ann, true), taken);
      await assert.rejects(users.put(person("bob", { email: "ANN@example.com" }), false), taken);
      await assert.rejects(users.put(person("bob", { groups: ["gone"] }), true), { ...taken, message: /group gone/ });
      assert.equal(await users.get("bob"), null, "a refused one leaves nothing behind");
      await users.put({ ...ann, lastName: "Other", groups: ["developers"] }, false);
      assert.deepEqual(await users.get("ann"), { ...ann, lastName: "Other", groups: ["developers"] });
      await users.put(person("bob"), false);
      assert.deepEqual(
        (await users.list({ after: "ann", limit: 5 })).map(({ id }) => id),
        ["bob"],
      );
      await assert.rejects(users.removeGroup("developers"), taken);
      assert.deepEqual([await users.removeGroup("partners"), await users.removeGroup("partners")], [true, false]);
      assert.deepEqual([await users.remove("bob"), await users.remove("bob")], [true, false]);
    });

    it("knows users by who they are to a provider, each identity once", async () => {
      const { users } = store;
      const identity = { provider: "corp", id: "s-1" };
      await users.put(person("ann", { identities: [identity] }), true);
      assert.equal((await users.byIdentity("corp", "s-1"))?.id, "ann");
      assert.deepEqual([await users.byIdentity("corp", "s-2"), await users.byIdentity("other", "s-1")], [null, null]);
      await assert.rejects(users.put(person("bob", { identities: [identity] }), true), {
        code: "store-conflict",
        message: /ann is s-1 at corp already/,
      });
      await users.put(person("ann", { identities: [{ ...identity, id: "s-2" }] }), false);
      assert.deepEqual(
        [await users.byIdentity("corp", "s-1"), (await users.byIdentity("corp", "s-2"))?.id],
        [null, "ann"],
      );
      await users.remove("ann");
      assert.equal(await users.byIdentity("corp", "s-2"), null);
    });

    it("keeps each word that keeps a user out, until whoever gave it takes it back", async () => {
      const { users } = store;
      const stale = person("ann");
      await users.put(stale, true);
      const state = async (): Promise<unknown> => {
        const { state: now, withdrawnBy } = (await users.get("ann")) ?? {};
        return [now, withdrawnBy];
      };
      const says = async (provider: string, isActive: boolean): Promise<unknown> => {
        await users.put(stale, false, { provider, isActive });
        return state();
      };
      const operator = async (word: "active" | "blocked"): Promise<unknown> => {
        await users.setState("ann", word);
        return state();
      };
      assert.deepEqual(await says("corp", false), ["blocked", ["corp"]]);
      assert.deepEqual(await says("other", true), ["blocked", ["corp"]], "of another provider");
      assert.deepEqual(await says("corp", true), ["active", undefined]);
      assert.deepEqual(await operator("blocked"), ["blocked", undefined]);
      assert.deepEqual(await says("corp", true), ["blocked", undefined], "an operator's");
      assert.deepEqual(await says("corp", false), ["blocked", ["", "corp"]], "both");
      assert.deepEqual(await operator("active"), ["blocked", ["corp"]], "the provider's is left");
      assert.deepEqual(await operator("blocked"), ["blocked", ["", "corp"]]);
      assert.deepEqual(await says("corp", true), ["blocked", undefined], "the operator's is left");
      assert.deepEqual(await operator("active"), ["active", undefined]);
      assert.deepEqual(await says("corp", false), ["blocked", ["corp"]]);
      assert.deepEqual(await operator("active"), ["active", undefined], "overruled");
      await users.put({ ...stale, state: "pending" }, false);
      assert.deepEqual(await says("corp", false), ["pending", ["", "corp"]]);
      await users.put(stale, false);
      assert.deepEqual(await state(), ["blocked", ["corp"]]);
    });

    it("writes names and groups alone, whatever else has changed meanwhile", async () => {
      const { users } = store;
      await users.put(person("ann"), true);
      await users.putGroup({ name: "team", displayName: "Team", description: "" });
      await users.put(person("bob", { email: "bob@example.com" }), true);
      assert.equal(await users.regroup("ann", { join: ["team"], leave: ["guests"] }), true);
      await users.setState("ann", "blocked");
      const names = { email: "new@example.com", firstName: "New", lastName: "Name" };
      assert.equal(await users.rename("ann", names), true);
      assert.equal(await users.regroup("ann", { join: ["team"], leave: ["developers"] }), true);
      const { email, firstName, lastName, state, groups } = (await users.get("ann")) ?? {};
      assert.deepEqual({ email, firstName, lastName }, names);
      assert.deepEqual([state, groups], ["blocked", ["team"]]);
      await assert.rejects(users.regroup("ann", { join: ["nowhere"], leave: ["team"] }), { code: "store-conflict" });
      assert.deepEqual((await users.get("ann"))?.groups, ["team"], "all or nothing");
      await assert.rejects(users.rename("ann", { ...names, email: "BOB@example.com" }), { code: "store-conflict" });
      assert.deepEqual(
        [await users.rename("none", names), await users.regroup("none", { join: [], leave: [] })],
        [false, false],
      );
    });

    it("keeps what providers call users and groups, each name once", async () => {
      const { scim, users } = store;
      const record = { provider: "corp", kind: "user", id: "u1", externalId: "x1", name: "Ann" } as const;
      const times = { createdAt: 1, modifiedAt: 2 };
      await scim.put({ ...record, ...times });
      assert.deepEqual(await scim.byName("corp", "user", "aNN"), { ...record, ...times });
      assert.deepEqual(await scim.byExternalId("corp", "user", "x1"), { ...record, ...times });
      await assert.rejects(scim.put({ ...record, ...times, id: "u2", name: "ANN" }), { code: "store-conflict" });
      await scim.put({ ...record, ...times, kind: "group", id: "g1" });
      await scim.put({ ...record, provider: "other", id: "u9", createdAt: 5, modifiedAt: 5 });
      await scim.put({ ...record, name: "Anna", externalId: null, createdAt: 9, modifiedAt: 9 });
      assert.deepEqual(await scim.get("corp", "user", "u1"), {
        ...record,
        name: "Anna",
        externalId: null,
        createdAt: 1,
        modifiedAt: 9,
      });
      await scim.put({ ...record, ...times, id: "u0", name: "Bob" });
      const page = await scim.list("corp", "user", { offset: 1, limit: 5 });
      assert.deepEqual([page.map(({ id }) => id), await scim.count("corp", "user")], [["u1"], 2]);
      assert.deepEqual(
        [await scim.remove("corp", "user", "u1"), await scim.remove("corp", "user", "u1")],
        [true, false],
      );
      await users.putGroup({ name: "ops", displayName: "Ops", description: "" });
      for (const id of ["c", "a", "b"]) await users.put(person(id, { groups: ["ops"] }), true);
      assert.deepEqual(await users.members("ops", { after: "a", limit: 5 }), ["b", "c"]);
    });

    it("refuses the keys of users who are not active, and gives back no more than there was", async () => {
      await store.users.put(person("ann"), true);
      await store.subscriptions.create(created("a", 1, { owner: "ann" }));
      await store.subscriptions.create(created("b", 2, { owner: "ann", state: "suspended" }));
      await store.subscriptions.create(created("c", 3, { owner: "unknown" }));
      const blocked = await store.users.setState("ann", "blocked");
      const expected = ["a/primary product:starter suspended 1", "b/primary product:starter suspended 2"];
      assert.deepEqual(lines(blocked?.set ?? []).toSorted(), expected);
      assert.deepEqual((await allKeys()).slice(0, 2), expected);
      assert.deepEqual(
        lines((await store.subscriptions.replaceKey("a", "secondary", digest(9), 1_700_000_000_000))?.set ?? []),
        ["a/secondary product:starter suspended 9"],
      );
      await assert.rejects(store.users.remove("ann"), { code: "store-conflict", message: /belongs to ann/ });
      const back = await store.users.put(person("ann"), false);
      assert.deepEqual(lines(back.set).toSorted()[0], "a/primary product:starter active 1");
      assert.equal((await allKeys()).filter((line) => line.includes(" active ")).length, 3);
      assert.equal(await store.users.setState("nobody", "active"), null);
    });

    it("replaces one key and keeps the other", async () => {
      await store.subscriptions.create(created("a", 1, { secondaryDigest: digest(2) }));
      const changes = await store.subscriptions.replaceKey("a", "secondary", digest(3), 1_700_000_000_000);
      assert.deepEqual(bytes(changes?.removed ?? []), [2]);
      assert.deepEqual(lines(changes?.set ?? []), ["a/secondary product:starter active 3"]);
      assert.deepEqual(
        (await allKeys()).map((line) => line.at(-1)),
        ["1", "3"],
      );
      await store.subscriptions.create(created("b", 4));
      const first = await store.subscriptions.replaceKey("b", "secondary", digest(5), 1_700_000_000_000);
      assert.deepEqual(first?.removed, []);
      assert.equal((await store.subscriptions.get("b"))?.hasSecondaryKey, true);
      assert.equal(await store.subscriptions.replaceKey("nobody", "primary", digest(9), 1_700_000_000_000), null);
    });

    it("knows how old keys are and when they were last used, through a reload that names them again", async () => {
      const day = 86_400_000;
      const made = 1_700_000_000_000;
      const list = [declared("a", 1, { createdAt: made })];
      await store.subscriptions.upsertDeclared(list);
      await store.subscriptions.create(created("b", 2, { createdAt: made + day, owner: "ann" }));
      await store.subscriptions.create(created("c", 3, { createdAt: made, state: "suspended" }));
      const stale = async (by: "use" | "age", before: number): Promise<readonly string[]> =>
        (by === "use"
          ? await store.subscriptions.unusedKeys(before, 10)
          : await store.subscriptions.agedKeys({ usual: before, subscriptions: {}, scopes: {} }, 10)
        ).map(
          ({ subscription, slot, madeAt, usedAt }) =>
            `${subscription}/${slot} ${madeAt - made} ${usedAt && usedAt - made}`,
        );
      assert.deepEqual(await stale("age", made + 2 * day), ["a/primary 0 null", `b/primary ${day} null`]);
      await store.subscriptions.noteUses([
        { digest: digest(1).subarray(0, 28), at: made + 5 * day },
        { digest: digest(9).subarray(0, 28), at: made },
      ]);
      await store.subscriptions.noteUses([{ digest: digest(1), at: made + 4 * day }]);
      await store.subscriptions.upsertDeclared(list.map((one) => ({ ...one, createdAt: made + 6 * day })));
      assert.deepEqual(await stale("use", made + 3 * day), [`b/primary ${day} null`]);
      assert.deepEqual(await stale("use", made + 6 * day), [`b/primary ${day} null`, `a/primary 0 ${5 * day}`]);
      await store.subscriptions.replaceKey("b", "primary", digest(7), made + 7 * day);
      assert.deepEqual(await stale("age", made + 7 * day), [`a/primary 0 ${5 * day}`]);
      const limits = {
        usual: made,
        scopes: { "product:starter": made + 6 * day },
        subscriptions: { b: made + 8 * day },
      };
      const aged = await store.subscriptions.agedKeys(limits, 10);
      assert.deepEqual(
        aged.map(({ subscription }) => subscription),
        ["a", "b"],
        "what the subscription says goes before what its scope says, and both before the rest",
      );
      assert.equal((await store.subscriptions.agedKeys({ ...limits, subscriptions: { b: made } }, 10)).length, 1);
      await store.subscriptions.replaceKey("b", "secondary", digest(8), made + 7 * day + 1);
      const withYounger = await store.subscriptions.agedKeys({ ...limits, scopes: {} }, 10);
      assert.deepEqual(
        withYounger.map(({ subscription, slot }) => `${subscription}/${slot}`),
        ["b/secondary"],
        "the primary one goes by itself",
      );
      await store.subscriptions.replaceKey("b", "secondary", digest(8), made + 20 * day);
      await store.subscriptions.upsertDeclared([]);
      await store.subscriptions.upsertDeclared([declared("a", 1, { createdAt: made + 9 * day })]);
      assert.deepEqual(await stale("age", made + 10 * day), [`b/primary ${7 * day} null`, `a/primary ${9 * day} null`]);
    });

    it("removes a subscription with its keys, which are then free", async () => {
      await store.subscriptions.create(created("a", 1, { secondaryDigest: digest(2) }));
      assert.deepEqual(bytes((await store.subscriptions.remove("a"))?.removed ?? []), [1, 2]);
      assert.deepEqual(await allKeys(), []);
      assert.equal(await store.subscriptions.remove("a"), null);
      await store.subscriptions.create(created("b", 2));
    });

    it("makes the declared subscriptions those of the definition, and leaves created ones alone", async () => {
      await store.subscriptions.create(created("mine", 50));
      const first = await store.subscriptions.upsertDeclared([declared("a", 1), declared("b", 2)]);
      assert.deepEqual(bytes(first.set.map((row) => row.digest)), [1, 2]);
      const nothing = await store.subscriptions.upsertDeclared([declared("b", 2), declared("a", 1)]);
      assert.deepEqual(nothing, { removed: [], set: [] });
      const second = await store.subscriptions.upsertDeclared([
        declared("b", 2, { state: "suspended", secondaryDigest: digest(4) }),
        declared("c", 3, { scope: "all" }),
      ]);
      assert.deepEqual(bytes(second.removed), [1]);
      assert.deepEqual(lines(second.set).toSorted(), [
        "b/primary product:starter suspended 2",
        "b/secondary product:starter suspended 4",
        "c/primary all active 3",
      ]);
      assert.equal(await store.subscriptions.get("a"), null);
      assert.equal((await store.subscriptions.get("mine"))?.source, "created");
    });

    it("lets two declared subscriptions exchange keys", async () => {
      await store.subscriptions.upsertDeclared([declared("a", 1), declared("b", 2)]);
      const changes = await store.subscriptions.upsertDeclared([declared("a", 2), declared("b", 1)]);
      assert.deepEqual(changes.removed, []);
      assert.deepEqual(await allKeys(), ["b/primary product:starter active 1", "a/primary product:starter active 2"]);
    });

    it("a declaration never takes over a created subscription or its key, and then changes nothing", async () => {
      await store.subscriptions.create(created("mine", 50));
      await store.subscriptions.upsertDeclared([declared("a", 1)]);
      for (const bad of [declared("mine", 3), declared("b", 50)]) {
        await assert.rejects(store.subscriptions.upsertDeclared([declared("c", 4), bad]), { code: "store-conflict" });
      }
      const same = [declared("x", 7), declared("y", 7)];
      await assert.rejects(store.subscriptions.upsertDeclared(same), { code: "store-conflict" });
      await assert.rejects(store.subscriptions.upsertDeclared([created("d", 8)]), { code: "internal" });
      assert.deepEqual(await allKeys(), [
        "a/primary product:starter active 1",
        "mine/primary product:starter active 50",
      ]);
    });

    it("never leases more than the limit of a window", async () => {
      assert.deepEqual(await store.quotas.lease("q", 1000, 30, 100), { leased: 30, granted: 30 });
      assert.deepEqual(await store.quotas.lease("q", 1000, 60, 100), { leased: 90, granted: 60 });
      assert.deepEqual(await store.quotas.lease("q", 1000, 30, 100), { leased: 100, granted: 10 });
      assert.deepEqual(await store.quotas.lease("q", 1000, 30, 100), { leased: 100, granted: 0 });
      assert.deepEqual(await store.quotas.lease("q", 1000, 5, 50), { leased: 100, granted: 0 }, "a limit made smaller");
      assert.deepEqual(await store.quotas.lease("q", 1000, 5, 110), { leased: 105, granted: 5 }, "a limit made larger");
      assert.deepEqual(await store.quotas.lease("q", 2000.5, 5, 100), { leased: 5, granted: 5 }, "another window");
      assert.deepEqual(await store.quotas.lease("r", 1000, 5, 100), { leased: 5, granted: 5 }, "another counter");
    });

    it("leases asked for at once add up", async () => {
      const leases = await Promise.all(Array.from({ length: 50 }, () => store.quotas.lease("q", 0, 3, 100)));
      assert.equal(
        leases.reduce((sum, { granted }) => sum + granted, 0),
        100,
      );
    });

    it("refuses a lease of nonsense", async () => {
      for (const [window, amount, limit] of [
        [NaN, 1, 1],
        [Infinity, 1, 1],
        [0, -1, 1],
        [0, 0.5, 1],
        [0, 1, NaN],
      ] as const) {
        await assert.rejects(store.quotas.lease("q", window, amount, limit), { code: "internal" });
      }
    });

    it("prunes windows that are over, some at a time, and keeps those without end", async () => {
      for (const start of [1000, 2000, 3000]) await store.quotas.lease("renewed", start, 5, 100, start + 1000);
      await store.quotas.lease("never renewed", 0, 5, 5);
      assert.equal(await store.quotas.prune(3500, 1), 1);
      assert.equal(await store.quotas.prune(3500, 10), 1);
      assert.equal(await store.quotas.prune(3500, 10), 0);
      assert.deepEqual(await store.quotas.lease("renewed", 3000, 1, 100, 4000), { leased: 6, granted: 1 });
      assert.equal(await store.quotas.prune(1e15, 10), 1);
      assert.deepEqual(await store.quotas.lease("never renewed", 0, 5, 5), { leased: 5, granted: 0 });
    });
  });

  accessContract(name, open);
  outboxContract(name, open);
  sessionContract(name, open);
}
