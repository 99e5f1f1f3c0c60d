import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Principal } from "#model/principal.ts";
import { tokenDigest } from "#model/token-digest.ts";
import { toPrincipal } from "./principal.ts";
import { providerOf } from "./testing/doubles.ts";

const issuer = "https://login.example.com";

function principalOf(
  claims: Readonly<Record<string, unknown>>,
  more: Parameters<typeof providerOf>[1] = {},
): Principal {
  const made = toPrincipal("token", { iss: issuer, ...claims }, providerOf(issuer, more));
  assert.ok(!("ok" in made), "refused");
  return made;
}

function reasonFor(claims: Readonly<Record<string, unknown>>): string {
  const made = toPrincipal("token", { iss: issuer, ...claims }, providerOf(issuer));
  return "ok" in made ? made.reason : made.id;
}

function idOf(tid: string, oid: string): string {
  return principalOf({ sub: "s", oid, tid }).id;
}

describe("claims become a principal", () => {
  it("any provider, by the mapping of the definition", () => {
    const claims = { groups: "groups", roles: "realm_access.roles", name: "name", email: "mail", tenant: "org" };
    const principal = principalOf(
      {
        sub: "alice",
        org: "acme",
        name: "Alice",
        mail: "alice@example.com",
        groups: ["a", "", 5, "b"],
        realm_access: { roles: ["admin"] },
        scope: "orders.read  orders.write",
        azp: "console",
        jti: "t1",
        sid: "s1",
      },
      { claims },
    );
    assert.ok(Object.isFrozen(principal));
    const { claims: _, ...rest } = principal;
    assert.deepEqual(rest, {
      id: `${issuer}|acme|alice`,
      kind: "user",
      issuer,
      subject: "alice",
      tenant: "acme",
      displayName: "Alice",
      email: "alice@example.com",
      groups: ["a", "b"],
      roles: ["admin"],
      scopes: ["orders.read", "orders.write"],
      authMethod: "token",
      sessionId: "s1",
      tokenId: "t1",
      tokenDigest: tokenDigest("token"),
      clientId: "console",
      provider: "corp",
    });
  });

  it("a claim's name may hold dots itself", () => {
    const claims = { ...providerOf(issuer).claims, groups: "https://example.com/groups" };
    assert.deepEqual(principalOf({ sub: "a", "https://example.com/groups": ["x"] }, { claims }).groups, ["x"]);
    assert.deepEqual(principalOf({ sub: "a" }, { claims: { ...claims, groups: "constructor.name" } }).groups, []);
  });

  it("Entra: a person is oid in tid, scp a string, uti the token's id", () => {
    const { id, kind, scopes, clientId, tokenId } = principalOf({
      sub: "pairwise",
      oid: "o-1",
      tid: "t-1",
      scp: "a b",
      appid: "app",
      uti: "u-1",
    });
    assert.deepEqual([id, kind, scopes, clientId, tokenId], [`${issuer}|t-1|o-1`, "user", ["a", "b"], "app", "u-1"]);
  });

  it("Okta: scp is a list, cid the client", () => {
    const { scopes, clientId } = principalOf({ sub: "a", scp: ["x", "y"], cid: "c" });
    assert.deepEqual([scopes, clientId], [["x", "y"], "c"]);
  });

  it("a client by itself is a service, however its provider says so", () => {
    for (const claims of [
      { sub: "billing", client_id: "billing" },
      { sub: "o", oid: "o", tid: "t", roles: ["x"], appid: "app" },
      { sub: "x", oid: "o", tid: "t", idtyp: "app", azp: "app" },
      { sub: "abc@clients", azp: "abc", gty: "client-credentials" },
      { sub: "uuid", azp: "jobs", preferred_username: "service-account-jobs" },
      { sub: "system:serviceaccount:default:builder" },
    ]) {
      assert.equal(principalOf(claims).kind, "service", JSON.stringify(claims));
    }
    for (const claims of [
      { sub: "a" },
      { sub: "o", oid: "o", tid: "t", scp: "x" },
      { sub: "o", oid: "o", tid: "t", idtyp: "user" },
    ]) {
      assert.equal(principalOf(claims).kind, "user", JSON.stringify(claims));
    }
  });

  it("who acts comes outermost first, and too long a chain is refused", () => {
    const { actor } = principalOf({
      sub: "alice",
      act: { sub: "agent", act: { sub: "tool", iss: "https://other.example" } },
    });
    assert.equal(actor?.id, `${issuer}||agent`);
    assert.equal(actor?.actor?.id, "https://other.example||tool");
    assert.equal(actor?.actor?.actor, undefined);
    const chain = (length: number): object => (length === 1 ? { sub: "x" } : { sub: "x", act: chain(length - 1) });
    assert.equal(reasonFor({ sub: "a", act: chain(8) }), `${issuer}||a`);
    assert.equal(reasonFor({ sub: "a", act: chain(9) }), "token-claim-not-allowed");
    for (const act of [null, "x", [], {}, { sub: "x", act: {} }]) {
      assert.equal(reasonFor({ sub: "a", act }), "token-claim-not-allowed", JSON.stringify(act));
    }
  });

  it("a client that the definition calls an agent is one, and acts for whoever it has a token of", () => {
    const agents = { agents: ["assistant"] };
    const alone = principalOf({ sub: "assistant", client_id: "assistant" }, agents);
    assert.deepEqual([alone.kind, alone.actor], ["agent", undefined]);
    const forAlice = principalOf({ sub: "alice", azp: "assistant" }, agents);
    assert.deepEqual(
      [forAlice.kind, forAlice.actor?.kind, forAlice.actor?.id],
      ["user", "agent", `${issuer}||assistant`],
    );
    const exchanged = principalOf(
      { sub: "alice", azp: "gateway", act: { sub: "tool", act: { client_id: "assistant" } } },
      agents,
    );
    assert.deepEqual([exchanged.actor?.kind, exchanged.actor?.actor?.kind], ["service", "agent"]);
    const strange = principalOf({ sub: "alice", act: { sub: "assistant", iss: "https://other.example" } }, agents);
    assert.equal(strange.actor?.kind, "service");
    assert.equal(principalOf({ sub: "alice", azp: "console" }, agents).actor, undefined);
  });

  it("no two principals share an id", () => {
    assert.notEqual(idOf("a|b", "c"), idOf("a", "b|c"));
    assert.notEqual(idOf("a|b", "c"), idOf("a%7Cb", "c"));
    assert.equal(reasonFor({ email: "a@example.com" }), "token-claim-missing");
  });

  it("an address that is not verified, and groups left out for their number, are not used", () => {
    assert.equal(principalOf({ sub: "a", email: "eve@example.com", email_verified: false }).email, undefined);
    assert.equal(principalOf({ sub: "a", email: "a@example.com", email_verified: true }).email, "a@example.com");
    assert.deepEqual(principalOf({ sub: "a", groups: ["x"], _claim_names: { groups: "src1" } }).groups, []);
  });
});
