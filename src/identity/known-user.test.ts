import assert from "node:assert/strict";
import { it } from "node:test";
import type { ProviderUsers } from "#model/definition.ts";
import type { Exchange } from "#model/exchange.ts";
import type { OwnerFacts } from "#model/ports.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { settleUser } from "./known-user.ts";

const ann: Principal = Object.freeze({
  ...anonymous,
  id: "i||s1",
  kind: "user",
  subject: "s1",
  provider: "corp",
  groups: ["of-the-token"],
  displayName: "Ann Other",
  email: "ann@example.com",
});
const known: OwnerFacts = {
  id: "corp.s1",
  state: "active",
  email: "ann@example.com",
  firstName: "Ann",
  lastName: "Other",
  note: "",
  groups: [{ id: "writers", name: "Writers" }],
  identities: [{ provider: "corp", id: "s1" }],
  registeredAt: 0,
};
const rule: ProviderUsers = { provision: false, required: false, groups: "token" };

function settle(user: OwnerFacts | null, said: Partial<ProviderUsers> | null, principal: Principal = ann) {
  const seen: string[] = [];
  const exchange = { principal, user: null } as unknown as Exchange;
  const rules = new Map(said === null ? [] : [["corp", { ...rule, ...said }]]);
  const users = {
    identityKey: (provider: string, subject: string) => Buffer.from(`${provider} ${subject}`),
    findIdentity: (key: Uint8Array) => (Buffer.from(key).toString() === "corp s1" ? user : null),
  };
  const refusal = settleUser(exchange, rules, { users, onSeen: ({ id }) => seen.push(id) });
  return { refused: refusal?.reason, seen, exchange };
}

it("who is blocked is refused, whatever the provider's settings say", () => {
  for (const said of [null, {}, { provision: true }, { groups: "directory" } as const]) {
    assert.equal(settle({ ...known, state: "blocked" }, said).refused, "user-blocked");
    assert.equal(settle({ ...known, state: "pending" }, said).refused, "user-blocked");
  }
});

it("who acts by a token of its own is refused when it is blocked, for whomever it acts", () => {
  const stranger: Principal = { ...ann, subject: "s2", actor: ann };
  assert.equal(settle({ ...known, state: "blocked" }, null, stranger).refused, "user-blocked");
  assert.equal(settle(known, null, stranger).refused, undefined);
});

it("who is not known is refused where that is asked for, told of where users are made, and let go on elsewhere", () => {
  assert.deepEqual([settle(null, null).refused, settle(null, {}).refused], [undefined, undefined]);
  assert.equal(settle(null, { required: true }).refused, "user-unknown-here");
  const made = settle(null, { provision: true });
  assert.deepEqual([made.refused, made.seen], [undefined, ["i||s1"]]);
  assert.equal(settle(null, { required: true }, anonymous).refused, undefined, "nobody is of no provider");
});

it("who is known otherwise than the token says is told of once for each token", () => {
  assert.deepEqual(settle(known, { provision: true }).seen, []);
  const renamed = { ...known, lastName: "Before" };
  assert.deepEqual(settle(renamed, { provision: true }).seen, ["i||s1"]);
  assert.deepEqual(settle(renamed, { provision: true }).seen, [], "until one of them changes");
});

it("groups are the directory's where that is asked for: one object as long as nothing changes", () => {
  const first = settle(known, { groups: "directory" }).exchange;
  assert.deepEqual([first.principal.groups, first.user], [["writers"], known]);
  assert.equal(settle(known, { groups: "directory" }).exchange.principal, first.principal);
  const left = settle({ ...known, groups: [] }, { groups: "directory" }).exchange;
  assert.deepEqual(left.principal.groups, []);
  assert.equal(settle(known, {}).exchange.principal, ann);
});
