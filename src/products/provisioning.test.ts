import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { GatewayError } from "#model/errors.ts";
import type { Async, UserRecord, UserStore } from "#storage/interfaces.ts";
import { openSqliteStore } from "#storage/sqlite/sqlite-store.ts";
import { onThisThread } from "#storage/store-contract.test-helper.ts";
import { Provisioning } from "./provisioning.ts";

/** A store in memory with the rules that matter here; the real one has its own tests. */
function setting(before: readonly UserRecord[] = []) {
  const users = new Map(before.map((user) => [user.id, user]));
  const told: string[] = [];
  const store: Pick<Async<UserStore>, "byIdentity" | "put" | "rename"> = {
    byIdentity: async (provider, subject) =>
      [...users.values()].find((user) =>
        user.identities.some((one) => one.provider === provider && one.id === subject),
      ) ?? null,
    put: async (user) => {
      const other = [...users.values()].find(({ email, id }) => email === user.email && id !== user.id);
      if (other !== undefined) throw new GatewayError("store-conflict", 409, "the address is taken");
      users.set(user.id, user);
      return { removed: [], set: [] };
    },
    rename: async (id, { email, firstName, lastName }) => {
      const user = users.get(id);
      if ([...users.values()].some((other) => other.email === email && other.id !== id))
        throw new GatewayError("store-conflict", 409, "the address is taken");
      if (user !== undefined) users.set(id, { ...user, email, firstName, lastName });
      return user !== undefined;
    },
  };
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const onUser = async (id: string): Promise<void> => void told.push(id);
  return {
    users,
    told,
    provisioning: new Provisioning({ store, clock: { now: () => 7 }, log, onUser, events: { tell: () => {} } }),
  };
}

const ann = { provider: "corp", subject: "s-1", email: "ann@example.com", displayName: "Ann B. Other" };

describe("provisioning", () => {
  it("makes a user at the first login, and says so to the workers", async () => {
    const { users, told, provisioning } = setting();
    await provisioning.provision(ann);
    const { firstName, lastName, email, state, identities, groups, registeredAt } = users.get("corp.s-1") as UserRecord;
    assert.deepEqual(
      [firstName, lastName, email, state, identities, groups, registeredAt],
      ["Ann", "B. Other", ann.email, "active", [{ provider: "corp", id: "s-1" }], ["developers"], 7],
    );
    await provisioning.provision(ann);
    assert.deepEqual(told, ["corp.s-1"], "the second login changes nothing");
  });

  it("lets nobody in again whom an operator has blocked meanwhile, nor into a group", async () => {
    const { users } = onThisThread(openSqliteStore(":memory:"));
    const onUser = async (): Promise<void> => {};
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const store: Pick<Async<UserStore>, "byIdentity" | "put" | "rename"> = {
      put: (...args) => users.put(...args),
      rename: (...args) => users.rename(...args),
      byIdentity: async (provider, subject) => {
        const found = await users.byIdentity(provider, subject);
        if (found !== null) await users.setState(found.id, "blocked");
        if (found !== null) await users.regroup(found.id, { join: [], leave: ["developers"] });
        return found;
      },
    };
    const provisioning = new Provisioning({ store, clock: { now: () => 7 }, log, onUser, events: { tell: () => {} } });
    await provisioning.provision(ann);
    await provisioning.provision({ ...ann, displayName: "Ann Married" });
    const { state, lastName, groups } = (await users.get("corp.s-1")) as UserRecord;
    assert.deepEqual([state, lastName, groups], ["blocked", "Married", []]);
  });

  it("keeps name and address as the provider has them, and what an administrator has set", async () => {
    const { users, provisioning } = setting();
    await provisioning.provision(ann);
    const user = users.get("corp.s-1") as UserRecord;
    users.set(user.id, { ...user, state: "blocked", groups: ["partners"], note: "mine" });
    await provisioning.provision({ ...ann, email: "ann.o@example.com", displayName: "Ann Married" });
    const { email, lastName, state, groups, note } = users.get("corp.s-1") as UserRecord;
    assert.deepEqual(
      [email, lastName, state, groups, note],
      ["ann.o@example.com", "Married", "blocked", ["partners"], "mine"],
    );
  });

  it("takes nobody for somebody else by an address, and needs none", async () => {
    const { users, provisioning } = setting();
    await provisioning.provision(ann);
    await provisioning.provision({ ...ann, provider: "other", subject: "a|b c" });
    await provisioning.provision({ provider: "corp", subject: "s-2", email: "no address" });
    const ids = [...users.keys()];
    assert.match(ids[1] ?? "", /^other\.[0-9a-f]{40}$/);
    assert.equal(users.get(ids[1] ?? "")?.email, `${ids[1]}@users.invalid`);
    assert.equal(users.get("corp.s-2")?.email, "corp.s-2@users.invalid");
    assert.equal(users.get("corp.s-1")?.email, ann.email);
  });

  it("does one after the other what many workers say at once", async () => {
    const { users, told, provisioning } = setting();
    for (let count = 0; count < 5; count++) provisioning.seen(ann);
    provisioning.seen({ provider: "corp", subject: "s-9" });
    while (told.length < 2) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      [told, [...users.keys()]],
      [
        ["corp.s-1", "corp.s-9"],
        ["corp.s-1", "corp.s-9"],
      ],
    );
  });
});
