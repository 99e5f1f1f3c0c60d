import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { AccessRequest, AccessStep, Delegation, Party } from "#model/access-requests.ts";
import { anonymous } from "#model/principal.ts";
import type { Store } from "./interfaces.ts";

const bounds = { openOfGrantee: 3, open: 5 };

function party(id: string): Party {
  return { id, kind: "user", name: id, email: `${id}@example.com`, actors: [], user: `user-${id}` };
}

function step(name: AccessStep["step"], at: number): AccessStep {
  return { step: name, by: party("ann"), behalfOf: null, comment: "why", rules: ["group leads"], at };
}

function asked(id: string, parts: Partial<AccessRequest> = {}): AccessRequest {
  return {
    id,
    approval: "payroll",
    grantee: "ann",
    requester: party("ann"),
    reason: "a reason",
    durationMs: 60_000,
    state: "pending",
    isBreakGlass: false,
    createdAt: 1000,
    answerBy: 5000,
    startsAt: null,
    endsAt: null,
    steps: [step("request", 1000)],
    ...parts,
  };
}

function delegation(id: string, parts: Partial<Delegation> = {}): Delegation {
  const from = { ...anonymous, id: "carl", groups: ["leads"] };
  return {
    id,
    from,
    fromUser: "user-carl",
    to: "dora",
    approval: null,
    startsAt: 0,
    endsAt: 9000,
    createdAt: 0,
    ...parts,
  };
}

/** What every store must do with access requests. `open` gives an empty one. */
export function accessContract(name: string, open: () => Promise<Store>): void {
  describe(`access requests in ${name}`, () => {
    let store: Store;
    beforeEach(async () => void (store = await open()));
    afterEach(() => store.close());

    it("gives back what was put in, with its steps in order", async () => {
      const request = asked("r1");
      await store.access.create(request, bounds);
      assert.deepEqual(await store.access.get("r1"), request);
      const granted = { state: "active", step: step("grant", 2000), startsAt: 2000, endsAt: 62_000 } as const;
      const after = await store.access.change("r1", 1, granted);
      assert.deepEqual([after?.state, after?.startsAt, after?.endsAt], ["active", 2000, 62_000]);
      assert.deepEqual(after?.steps, [...request.steps, granted.step]);
      assert.equal(await store.access.get("nobody's"), null);
      assert.equal(await store.access.change("nobody's", 0, granted), null);
    });

    it("lets one of two decisions at once through", async () => {
      await store.access.create(asked("r1"), bounds);
      const decide = (): Promise<unknown> =>
        store.access.change("r1", 1, { state: "rejected", step: step("reject", 2000) });
      const results = await Promise.allSettled([decide(), decide()]);
      assert.deepEqual(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
      assert.equal((await store.access.get("r1"))?.steps.length, 2);
    });

    it("holds the bounds, and one open request for an approval", async () => {
      const create = (id: string, parts: Partial<AccessRequest> = {}): Promise<void> =>
        store.access.create(asked(id, parts), bounds);
      await create("r1");
      await assert.rejects(create("r2"), { code: "store-conflict", message: /payroll waits already/ });
      await create("r2", { approval: "b" });
      await create("r3", { approval: "c", state: "active", startsAt: 1, endsAt: 5 });
      await assert.rejects(create("r4", { approval: "d" }), { code: "store-conflict", message: /at most 3/ });
      await create("r4", { grantee: "bob" });
      await create("r5", { grantee: "cid" });
      await assert.rejects(create("r6", { grantee: "dan" }), { code: "store-conflict", message: /too many/ });
      await store.access.change("r1", 1, { state: "withdrawn", step: step("withdraw", 2000) });
      await create("r6", { grantee: "dan" });
    });

    it("lists the newest first, by state and grantee, page by page", async () => {
      for (const id of ["r1", "r2", "r3"]) await store.access.create(asked(id, { approval: id }), bounds);
      await store.access.create(asked("r4", { grantee: "bob", state: "active", startsAt: 1, endsAt: 2 }), bounds);
      const ids = async (filter: object, after: string | null = null, limit = 10): Promise<readonly string[]> => {
        const found = await store.access.list({ state: null, grantee: null, ...filter }, { after, limit });
        return found.map(({ id }) => id);
      };
      assert.deepEqual(await ids({}), ["r4", "r3", "r2", "r1"]);
      assert.deepEqual(await ids({ grantee: "ann" }, null, 2), ["r3", "r2"]);
      assert.deepEqual(await ids({ grantee: "ann" }, "r2"), ["r1"]);
      assert.deepEqual(await ids({ state: "active" }), ["r4"]);
    });

    it("knows what is due, and when the next is", async () => {
      assert.equal(await store.access.nextDue(), null);
      await store.access.create(asked("r1", { answerBy: 5000 }), bounds);
      await store.access.create(asked("r2", { approval: "b", state: "active", startsAt: 1, endsAt: 3000 }), bounds);
      assert.equal(await store.access.nextDue(), 3000);
      assert.deepEqual(await store.access.due(2999, 10), []);
      assert.deepEqual(
        (await store.access.due(5000, 10)).map(({ id }) => id),
        ["r1", "r2"],
      );
      assert.equal((await store.access.due(5000, 1)).length, 1);
    });

    it("keeps delegations until they end", async () => {
      const made = delegation("d1");
      await store.access.delegate(made, 2);
      await store.access.delegate(delegation("d2", { endsAt: 4000, approval: "payroll" }), 2);
      await assert.rejects(store.access.delegate(delegation("d3"), 2), { code: "store-conflict" });
      assert.deepEqual((await store.access.delegations(3999))[0], made);
      assert.equal((await store.access.delegations(4000)).length, 1);
      assert.equal(await store.access.endDelegation("d1", 5000), true);
      assert.equal(await store.access.endDelegation("d1", 5001), false);
      assert.deepEqual(await store.access.delegations(5000), []);
    });

    it("notes what may be used once, until its end", async () => {
      assert.equal(await store.access.isUsed("link a", 0), false);
      assert.equal(await store.access.useOnce("link a", 1000, 0), true);
      assert.equal(await store.access.useOnce("link a", 1000, 1), false);
      assert.equal(await store.access.isUsed("link a", 999), true);
      assert.equal(await store.access.isUsed("link a", 1000), false);
      assert.equal(await store.access.useOnce("link b", 3000, 2000), true);
      assert.equal(await store.access.useOnce("link a", 3000, 2000), true, "forgotten");
    });

    it("forgets what has long been over, and nothing that is open", async () => {
      await store.access.create(asked("r1", { state: "expired", startsAt: 1, endsAt: 100 }), bounds);
      await store.access.create(asked("r2", { state: "rejected", answerBy: 200 }), bounds);
      await store.access.create(asked("r3", { answerBy: 10 }), bounds);
      assert.equal(await store.access.prune(150, 10), 1);
      assert.equal(await store.access.get("r1"), null);
      assert.equal(await store.access.prune(1000, 10), 1);
      assert.equal((await store.access.list({ state: null, grantee: null }, { after: null, limit: 9 })).length, 1);
    });
  });
}
