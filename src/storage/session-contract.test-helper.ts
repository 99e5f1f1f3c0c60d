import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Store } from "./interfaces.ts";
import type { SessionRecord } from "./sessions.ts";

function session(byte: number, parts: Partial<SessionRecord> = {}): SessionRecord {
  return {
    digest: new Uint8Array(32).fill(byte),
    handle: `handle-${byte}`,
    provider: "corp",
    host: "app.example.com",
    subject: "ada",
    providerSession: null,
    createdAt: 1000,
    seenAt: 1000,
    endsAt: 9000,
    sealed: Uint8Array.of(1, 2, 3),
    ...parts,
  };
}

const of = (subject: string | null, providerSession: string | null) => ({ provider: "corp", subject, providerSession });

/** What every store must do with sessions. */
export function sessionContract(name: string, open: () => Promise<Store>): void {
  describe(`${name}: sessions`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.close());

    it("gives back what was put, whole, and nothing for another digest", async () => {
      const one = session(1, { providerSession: "sid-1" });
      await store.sessions.put([one, session(2)]);
      const found = await store.sessions.find(one.digest);
      assert.deepEqual(
        { ...found, sealed: [...(found?.sealed ?? [])], digest: [...(found?.digest ?? [])] },
        {
          ...one,
          sealed: [1, 2, 3],
          digest: [...one.digest],
        },
      );
      assert.equal(await store.sessions.find(new Uint8Array(32).fill(3)), null);
    });

    it("puts all of several or none", async () => {
      await store.sessions.put([session(1)]);
      await assert.rejects(store.sessions.put([session(2), session(1)]), { code: "store-conflict" });
      assert.equal(await store.sessions.find(session(2).digest), null);
    });

    it("moves the time of its last use forward and never back", async () => {
      const { digest } = session(1);
      await store.sessions.put([session(1)]);
      await store.sessions.touch([
        { digest, seenAt: 3000 },
        { digest, seenAt: 2000 },
        { digest: session(9).digest, seenAt: 5000 },
      ]);
      assert.equal((await store.sessions.find(digest))?.seenAt, 3000);
    });

    it("renews what is there, and says when it is not", async () => {
      const { digest } = session(1);
      await store.sessions.put([session(1)]);
      assert.equal(await store.sessions.renew(digest, Uint8Array.of(7), 8000), true);
      const found = await store.sessions.find(digest);
      assert.deepEqual([[...(found?.sealed ?? [])], found?.endsAt], [[7], 8000]);
      assert.equal(await store.sessions.remove(digest), "handle-1");
      assert.equal(await store.sessions.renew(digest, Uint8Array.of(8), 8000), false);
      assert.equal(await store.sessions.remove(digest), null);
      assert.equal(await store.sessions.find(digest), null);
    });

    it("removes those of a subject, or of a session at the provider, and of that provider alone", async () => {
      await store.sessions.put([
        session(1, { providerSession: "sid-1" }),
        session(2, { providerSession: "sid-2" }),
        session(3, { subject: "bob", providerSession: "sid-1" }),
        session(4, { provider: "other", providerSession: "sid-1" }),
      ]);
      assert.deepEqual(await store.sessions.removeMatching(of("ada", "sid-1"), 10), ["handle-1"]);
      assert.deepEqual(await store.sessions.removeMatching(of(null, "sid-1"), 10), ["handle-3"]);
      assert.deepEqual(await store.sessions.removeMatching(of("ada", null), 10), ["handle-2"]);
      assert.notEqual(await store.sessions.find(session(4).digest), null);
      await assert.rejects(store.sessions.removeMatching(of(null, null), 10), { code: "internal" });
    });

    it("prunes what is over or was not used for long, a few at a time", async () => {
      await store.sessions.put([
        session(1, { endsAt: 5000, seenAt: 4900 }),
        session(2, { seenAt: 100 }),
        session(3, { seenAt: 4900 }),
      ]);
      assert.equal(await store.sessions.prune(5000, 4000, 1), 1);
      assert.equal(await store.sessions.prune(5000, 4000, 10), 1);
      assert.equal(await store.sessions.prune(5000, 4000, 10), 0);
      assert.notEqual(await store.sessions.find(session(3).digest), null);
    });
  });
}
