import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { AccessRequest, AccessStep } from "#model/access-requests.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Store } from "./interfaces.ts";

const bounds = { openOfGrantee: 9, open: 9 };
const step: AccessStep = { step: "request", by: null, behalfOf: null, comment: "", rules: [], at: 1 };
const request: AccessRequest = {
  id: "r1",
  approval: "payroll",
  grantee: "ann",
  requester: { id: "ann", kind: "user", name: "", email: "", actors: [], user: null },
  reason: "why",
  durationMs: 60_000,
  state: "pending",
  isBreakGlass: false,
  createdAt: 1,
  answerBy: 9000,
  startsAt: null,
  endsAt: null,
  steps: [step],
};

function message(id: string, receiver: string, createdAt = 100): OutboxMessage {
  return { id, channel: "webhook", receiver, subject: "access:r1", body: `{"of":"${id}"}`, createdAt };
}

/** What every store must do with messages that are not sent yet. `open` gives an empty one. */
export function outboxContract(name: string, open: () => Promise<Store>): void {
  describe(`messages that are not sent yet in ${name}`, () => {
    let store: Store;
    beforeEach(async () => void (store = await open()));
    afterEach(() => store.close());

    const states = async (): Promise<readonly string[]> =>
      (await store.outbox.list(null, { after: null, limit: 9 })).map(
        ({ id, state, tries, dueAt, why }) => `${id} ${state} ${tries} ${dueAt} ${why}`,
      );

    it("come in with what they tell of, or not at all", async () => {
      await store.access.create(request, bounds, [message("m1", "chat")]);
      await assert.rejects(store.access.create({ ...request, id: "r2" }, bounds, [message("m2", "chat")]));
      const withdrawn = { state: "withdrawn", step, messages: [message("m3", "chat")] } as const;
      await assert.rejects(store.access.change("r1", 7, withdrawn));
      assert.deepEqual(await states(), ["m1 waiting 0 100 "]);
      await store.access.change("r1", 1, withdrawn);
      assert.deepEqual(await states(), ["m1 waiting 0 100 ", "m3 waiting 0 100 "]);
    });

    it("are given to one, one of a receiver at a time, and again when that one was not heard of", async () => {
      const all = [message("m1", "chat", 50), message("m2", "chat", 60), message("m3", "mail", 70)];
      await store.access.create(request, bounds, all);
      assert.equal(await store.outbox.claim(49, 1000, []), null);
      const { createdAt, ...first } = message("m1", "chat", 50);
      assert.deepEqual(await store.outbox.claim(99, 1000, []), { ...first, createdAt, tries: 0 });
      assert.equal((await store.outbox.claim(99, 1000, ["chat"]))?.id, "m3");
      assert.equal(await store.outbox.claim(99, 1000, ["chat", "mail"]), null);
      assert.equal(await store.outbox.nextDue([]), 60);
      assert.equal(await store.outbox.nextDue(["chat"]), 1000);
      assert.equal((await store.outbox.claim(1000, 2000, []))?.id, "m2");
      assert.equal((await store.outbox.claim(1000, 2000, []))?.id, "m1", "whoever had it died with it");
    });

    it("are forgotten when they are sent, wait when they are not, and die when they are given up", async () => {
      await store.access.create(request, bounds, [message("m1", "chat"), message("m2", "mail")]);
      await store.outbox.failed("m1", 500, "status 503");
      assert.deepEqual((await states())[0], "m1 waiting 1 500 status 503");
      await store.outbox.failed("m1", null, "status 410");
      await store.outbox.sent("m2");
      assert.deepEqual(await states(), ["m1 dead 2 500 status 410"]);
      assert.equal(await store.outbox.nextDue([]), null);
      assert.deepEqual(await store.outbox.counts(), [{ channel: "webhook", state: "dead", count: 1 }]);
      assert.equal((await store.outbox.revive("m1", 700))?.state, "waiting");
      assert.equal(await store.outbox.revive("m2", 700), null);
      assert.deepEqual(await states(), ["m1 waiting 0 700 "]);
    });

    it("do not stay dead for ever, nor beyond a bound", async () => {
      const all = ["m1", "m2", "m3", "m4"].map((id, at) => message(id, "chat", 100 * at));
      await store.access.create(request, bounds, all);
      for (const id of ["m1", "m2", "m3"]) await store.outbox.failed(id, null, "gone");
      await store.outbox.prune(50, 1);
      assert.deepEqual(await states(), ["m3 dead 1 200 gone", "m4 waiting 0 300 "]);
    });
  });
}
