import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { it } from "node:test";
import type { OwnerFacts } from "#model/ports.ts";
import { createKeyIndex } from "./key-index.ts";
import { KeyIndexReader } from "./key-reader.ts";
import { detailsOf, nameOf, writeFacts } from "./subscription-facts.ts";
import { UserDirectory, UserReader } from "./user-directory.ts";

const digest = hash("sha256", "key", "buffer");
const opens = { subscription: "a", scope: "all", state: "active", slot: "primary" } as const;

function user(id: string, firstName: string): OwnerFacts {
  const rest = {
    state: "active" as const,
    lastName: "",
    note: "",
    groups: [{ id: "ops", name: "Ops" }],
    identities: [],
    registeredAt: 5,
  };
  return { id, email: `${id}@example.com`, firstName, ...rest };
}

it("facts of a subscription go into one text and come out again", () => {
  for (const facts of [
    { createdAt: 1_700_000_000_000, startedAt: null, endsAt: null, owner: null, displayName: null },
    { createdAt: 5, startedAt: 7, endsAt: 9, owner: "u\u00f6", displayName: 'a "name"\nin lines' },
  ]) {
    const text = writeFacts("team-a", facts);
    assert.equal(nameOf(text), "team-a");
    const asked: string[] = [];
    const found = detailsOf(text, (id) => (asked.push(id), null));
    const { createdAt, startedAt, endsAt, displayName } = found ?? {};
    assert.deepEqual({ createdAt, startedAt, endsAt, owner: facts.owner, displayName }, facts);
    assert.equal(found?.owner(), null);
    assert.deepEqual(asked, facts.owner === null ? [] : [facts.owner]);
  }
  assert.deepEqual([nameOf("plain"), detailsOf("plain", () => null)], ["plain", undefined]);
});

it("what is changed is there at the next look-up: facts, and whom a subscription belongs to", () => {
  const directory = new UserDirectory(() => undefined);
  const users = new UserReader(directory.handle);
  const index = createKeyIndex();
  const reader = new KeyIndexReader(index.handle, (id) => users.find(id));
  const facts = { createdAt: 1, startedAt: 1, endsAt: null, owner: "ann", displayName: null };
  index.set(digest, { ...opens, facts });
  assert.deepEqual({ ...reader.find(digest), details: null }, { ...opens, details: null });
  assert.equal(reader.find(digest)?.details?.owner(), null);
  directory.put(user("ann", "Ann"));
  const { details } = reader.find(digest) ?? {};
  assert.deepEqual(details?.owner(), user("ann", "Ann"));
  directory.put(user("ann", "Anna"));
  assert.equal(details?.owner()?.firstName, "Anna", "also for a request that is under way");
  index.set(digest, { ...opens, facts: { ...facts, displayName: "Team A", endsAt: 99 } });
  assert.deepEqual([reader.find(digest)?.details?.displayName, reader.find(digest)?.details?.endsAt], ["Team A", 99]);
  directory.remove("ann");
  assert.equal(details?.owner(), null);
});

it("a directory that has grown is read from its new table", () => {
  let handle = new UserDirectory(() => undefined).handle;
  const directory = new UserDirectory((next) => (handle = next));
  const users = new UserReader(directory.handle);
  for (let at = 0; at < 500; at += 1) directory.put(user(`u${at}`, `name ${at}`));
  users.swap(handle);
  directory.releaseOld();
  for (const at of [0, 250, 499]) assert.equal(users.find(`u${at}`)?.firstName, `name ${at}`);
  assert.equal(users.find("nobody"), null);
});
