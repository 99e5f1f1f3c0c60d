import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { OutboxMessage } from "#model/outbox.ts";
import type { KeyRow, Store } from "./interfaces.ts";
import { type HeldKey, mostOldKeys } from "./key-store.ts";
import { created, declared, digest, person } from "./store-contract.test-helper.ts";

const day = 86_400_000;
const made = 1_700_000_000_000;

function message(id: string): OutboxMessage {
  return { id, channel: "webhook", receiver: "hook", subject: "keys:a", body: "{}", createdAt: made };
}

/** `a/primary 1`, and of an old one the day on which it ends. */
function lines(keys: readonly (HeldKey | KeyRow)[]): readonly string[] {
  return keys.map(({ subscription, slot, digest: [byte], old }) => {
    const end = old === null ? "" : ` until ${(old.until - made) / day}`;
    return `${subscription}/${slot} ${byte}${end}`;
  });
}

/** What every store does with keys that follow one another. */
export function keyContract(name: string, open: () => Promise<Store>): void {
  describe(`${name}: keys that follow one another`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
      await store.subscriptions.create(created("a", 1, { secondaryDigest: digest(2), createdAt: made }));
      await store.subscriptions.create(created("b", 3, { createdAt: made }));
    });
    afterEach(() => store.close());

    it("makes a new key, and the one before goes on until its end", async () => {
      const { keys, subscriptions, outbox } = store;
      await subscriptions.noteUses([{ digest: digest(2), at: made + day }]);
      const at = made + 10 * day;
      const rotation = { keys: [{ slot: "secondary", digest: digest(4) }], at, until: at + day } as const;
      const changes = await keys.rotate("a", { ...rotation, messages: [message("m1")] });
      assert.deepEqual(changes?.removed, []);
      const held = ["a/primary 1", "a/secondary 4", "a/secondary 2 until 11"];
      assert.deepEqual(lines(changes?.set ?? []), held);
      assert.deepEqual(lines(await keys.of("a")), held);
      assert.equal((await keys.of("a"))[2]?.usedAt, made + day, "what is known of its use stays");
      assert.equal((await outbox.list(null, { after: null, limit: 9 }))[0]?.subject, "keys:a");
      assert.deepEqual(lines(await keys.old(9)), ["a/secondary 2 until 11"]);
      assert.equal((await keys.held({ after: null, limit: 9 })).length, 4);
      assert.equal(await keys.nextEnd(), made + 11 * day);
      assert.deepEqual((await keys.end(made + 11 * day - 1, 9)).ended, []);
      const { changes: ended } = await keys.end(made + 11 * day, 9);
      assert.deepEqual(ended, { removed: [digest(2)], set: [] });
      assert.equal(await keys.nextEnd(), null);
      assert.equal(await keys.rotate("nobody", rotation), null);
    });

    it("ends what was in the slots at once when told so, and old ones of them too", async () => {
      const { keys } = store;
      const at = made + day;
      await keys.rotate("a", { keys: [{ slot: "primary", digest: digest(5) }], at, until: at + day });
      await keys.rotate("a", { keys: [{ slot: "secondary", digest: digest(6) }], at, until: at + day });
      const one = await keys.rotate("a", { keys: [{ slot: "primary", digest: digest(7) }], at, until: null });
      assert.deepEqual(one?.removed, [digest(5), digest(1)]);
      assert.deepEqual(lines(await keys.of("a")), ["a/primary 7", "a/secondary 6", "a/secondary 2 until 2"]);
      const both = [
        { slot: "primary", digest: digest(8) },
        { slot: "secondary", digest: digest(9) },
      ] as const;
      const all = await keys.rotate("a", { keys: both, at, until: null });
      assert.deepEqual(all?.removed.map(([byte]) => byte).toSorted(), [2, 6, 7]);
      assert.deepEqual(lines(await keys.of("a")), ["a/primary 8", "a/secondary 9"]);
    });

    it("does all or nothing", async () => {
      const { keys, outbox } = store;
      const before = await keys.of("a");
      const taken = { keys: [{ slot: "primary", digest: digest(3) }], at: made, until: null, messages: [message("m")] };
      await assert.rejects(keys.rotate("a", taken as never), { code: "store-conflict" });
      assert.deepEqual(await keys.of("a"), before);
      assert.deepEqual(await outbox.counts(), []);
    });

    it("holds so many old keys of a subscription, and ends all of them when asked", async () => {
      const { keys } = store;
      const rotate = (byte: number) =>
        keys.rotate("a", { keys: [{ slot: "primary", digest: digest(byte) }], at: made, until: made + day });
      for (let i = 0; i < mostOldKeys; i++) await rotate(10 + i);
      await assert.rejects(rotate(99), { code: "store-conflict", message: /8 old keys/ });
      const over = await keys.endOld("a");
      assert.equal(over?.ended.length, mostOldKeys);
      assert.deepEqual(lines(await keys.of("a")), ["a/primary 17", "a/secondary 2"]);
      assert.equal(await keys.endOld("nobody"), null);
    });

    it("makes a key an old one only when there is a younger one, once", async () => {
      const { keys } = store;
      const until = made + 9 * day;
      assert.equal(await keys.retire(digest(1), made, until), null, "both are as old");
      assert.equal(await keys.retire(digest(3), made, until), null, "it is all there is");
      await keys.rotate("a", {
        keys: [{ slot: "secondary", digest: digest(4) }],
        at: made + day,
        until: made + 2 * day,
      });
      assert.equal(await keys.retire(digest(4), made + day, until), null, "it is the youngest");
      const changes = await keys.retire(digest(1), made + day, until, [message("m")]);
      assert.deepEqual(lines(changes?.set ?? []), ["a/secondary 4", "a/primary 1 until 9", "a/secondary 2 until 2"]);
      assert.equal(await keys.retire(digest(1), made + day, until + day, [message("n")]), null);
      assert.equal((await store.outbox.list(null, { after: null, limit: 9 })).length, 1);
      const refilled = await keys.rotate("a", {
        keys: [{ slot: "primary", digest: digest(5) }],
        at: made + 2 * day,
        until: made + 3 * day,
      });
      assert.deepEqual(refilled?.removed, []);
      assert.equal((await keys.retire(digest(4), made + 2 * day, made))?.removed.length, 1, "without grace");
      assert.deepEqual(await keys.retire(digest(5), made + 2 * day, until), null);
    });

    it("tells each stage once, in order, and anew when it was taken back", async () => {
      const { keys, outbox } = store;
      const count = async (): Promise<number> => (await outbox.list(null, { after: null, limit: 9 })).length;
      assert.equal(await keys.tell(digest(1), "noticed", [message("m1")]), true);
      assert.equal(await keys.tell(digest(1), "noticed", [message("m2")]), false);
      assert.equal(await keys.tell(digest(1), "due", [message("m3")]), true);
      assert.equal(await keys.tell(digest(1), "noticed", [message("m4")]), false);
      assert.equal(await count(), 2);
      assert.equal(await keys.tell(digest(1), null), true);
      assert.equal((await keys.of("a"))[0]?.told, null);
      assert.equal(await keys.tell(digest(1), "noticed", [message("m5")]), true);
      assert.equal(await keys.tell(digest(99), "due", [message("m6")]), false);
      assert.equal(await count(), 3);
    });

    it("ends old keys with whatever ends their subscription", async () => {
      const { keys, subscriptions } = store;
      await keys.rotate("a", { keys: [{ slot: "primary", digest: digest(4) }], at: made, until: made + day });
      const states = (rows: readonly KeyRow[]) => rows.map(({ state }) => state);
      const suspended = await subscriptions.setState("a", { to: "suspended", from: ["active"], at: made });
      assert.deepEqual(states(suspended?.set ?? []), ["suspended", "suspended", "suspended"]);
      const remade = await subscriptions.replaceKey("a", "primary", digest(5), made);
      assert.deepEqual(remade?.removed.map(([byte]) => byte).toSorted(), [1, 4], "made anew, old ones end as well");
      await keys.rotate("a", { keys: [{ slot: "primary", digest: digest(6) }], at: made, until: made + day });
      const removed = await subscriptions.remove("a");
      assert.deepEqual(removed?.removed.map(([byte]) => byte).toSorted(), [2, 5, 6]);
      assert.deepEqual(await keys.of("a"), []);
    });

    it("refuses old keys of an owner who is blocked, as those of the slots", async () => {
      const { keys, subscriptions, users } = store;
      await users.put(person("ann"), true);
      await subscriptions.create(created("c", 30, { owner: "ann" }));
      await keys.rotate("c", { keys: [{ slot: "primary", digest: digest(31) }], at: made, until: made + day });
      const blocked = await users.put(person("ann"), false, { provider: "corp", isActive: false });
      assert.deepEqual(lines(blocked.set), ["c/primary 30 until 1", "c/primary 31"]);
      assert.ok(blocked.set.every(({ state }) => state === "suspended"));
      await assert.rejects(users.remove("ann"), { code: "store-conflict" });
    });

    it("keeps a key that the definition takes out for the grace that it says", async () => {
      const { keys, subscriptions } = store;
      const now = made + 5 * day;
      const sync = (...list: Parameters<typeof declared>[]) =>
        subscriptions.upsertDeclared(list.map((one) => declared(...one)));
      const parts = { createdAt: now, graceMs: 2 * day };
      await sync(["d", 20, parts], ["e", 21, { createdAt: now }]);
      const changes = await sync(["d", 22, parts], ["e", 23, { createdAt: now }]);
      assert.deepEqual(changes.removed, [digest(21)], "without a grace it ends at once");
      assert.deepEqual(lines(await keys.of("d")), ["d/primary 22", "d/primary 20 until 7"]);
      assert.deepEqual(await sync(["d", 22, parts], ["e", 23, { createdAt: now }]), { removed: [], set: [] });
      await sync(["d", 20, { ...parts, createdAt: now + day }]);
      assert.deepEqual(lines(await keys.of("d")), ["d/primary 20", "d/primary 22 until 8"], "it is back");
      await sync(["d", 20, { ...parts, createdAt: now + 3 * day }]);
      assert.deepEqual(lines(await keys.of("d")), ["d/primary 20"], "its time was over");
      assert.deepEqual((await sync()).removed, [digest(20)], "with the subscription all goes");
    });
  });
}
