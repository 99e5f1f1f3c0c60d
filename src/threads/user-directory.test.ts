import assert from "node:assert/strict";
import { it } from "node:test";
import type { OwnerFacts } from "#model/ports.ts";
import { UserDirectory, UserReader } from "./user-directory.ts";

function user(id: string, ...subjects: readonly string[]): OwnerFacts {
  const identities = subjects.map((subject) => ({ provider: "corp", id: subject }));
  const rest = { email: `${id}@example.com`, firstName: "", lastName: "", note: "", groups: [], registeredAt: 5 };
  return { id, state: "active", identities, ...rest };
}

it("a user is found by who it is to a provider, as long as it is that one", () => {
  const directory = new UserDirectory(() => undefined);
  const users = new UserReader(directory.handle);
  const find = (subject: string, provider = "corp"): string | undefined =>
    users.findIdentity(users.identityKey(provider, subject))?.id;
  directory.put(user("ann", "s1", "s2"));
  assert.deepEqual(
    [find("s1"), find("s2"), find("s1", "other"), users.find("ann")?.id],
    ["ann", "ann", undefined, "ann"],
  );
  directory.put(user("ann", "s2"));
  assert.deepEqual([find("s1"), find("s2")], [undefined, "ann"]);
  directory.put(user("bob", "s2"));
  directory.put(user("ann"));
  assert.equal(find("s2"), "bob", "it had gone to bob before ann was heard of");
  directory.remove("ann");
  assert.deepEqual([find("s2"), users.find("ann")], ["bob", null]);
  directory.remove("bob");
  assert.equal(find("s2"), undefined);
});

it("is read once for each change", () => {
  const directory = new UserDirectory(() => undefined);
  const users = new UserReader(directory.handle);
  const key = users.identityKey("corp", "s1");
  directory.put(user("ann", "s1"));
  const first = users.findIdentity(key);
  assert.equal(users.findIdentity(key), first);
  directory.put({ ...user("ann", "s1"), state: "blocked" });
  assert.notEqual(users.findIdentity(key), first);
  assert.equal(users.findIdentity(key)?.state, "blocked");
});
