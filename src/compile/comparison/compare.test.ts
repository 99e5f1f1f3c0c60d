import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hashDefinition } from "#compile/canonical.ts";
import { api, definition, node, operation, product } from "#compile/definition.test-helper.ts";
import type { Definition } from "#model/definition.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { Secret } from "#model/secret.ts";
import { compareDefinitions } from "./compare.ts";

const limit = (calls: number): PolicyNode => ({
  ...node("rate-limit"),
  args: { calls: { kind: "literal", value: calls }, key: { kind: "expression", expression: cel("principal.id") } },
});

function cel(source: string): { readonly language: "cel"; readonly source: string; readonly at: PolicyNode["at"] } {
  return { language: "cel", source, at: { file: "x", line: 7, column: 7 } };
}

function subscription(key: Secret): Definition["subscriptions"][number] {
  const rest = { secondaryKey: null, state: "active", displayName: null, owner: null, endsAt: null } as const;
  return { name: "team", scope: { kind: "all" }, primaryKey: key, ...rest, at: node("x").at };
}

const told = (before: Partial<Definition>, after: Partial<Definition>): readonly string[] =>
  compareDefinitions(definition(before), definition(after)).map(
    ({ group, entry, place, before: was, after: is, isOrder }) =>
      `${group}: ${entry.kind} ${entry.name} ${place} ${JSON.stringify(was)} → ${JSON.stringify(is)}${isOrder ? " order" : ""}`,
  );

describe("a comparison of two definitions", () => {
  it("says by entry and place what differs, the most dangerous first", () => {
    const before = {
      apis: [api("orders", { hosts: ["a.example"], policies: { inbound: [node("base"), limit(10)] } })],
      products: [product("starter", { apis: ["orders"] })],
    };
    const after = {
      apis: [
        api("orders", {
          hosts: ["b.example"],
          policies: { inbound: [node("cors"), node("base"), limit(20)] },
          operations: [operation("get", { template: "/", access: { kind: "public" } })],
        }),
      ],
      products: [product("starter", { apis: ["orders"], subscription: "open" })],
    };
    assert.deepEqual(told(before, after), [
      'access: operation orders.get access.kind "unsaid" → "public"',
      'access: product starter subscription "key" → "open"',
      "policy: API orders policies.inbound.rate-limit.calls 10 → 20",
      'policy: API orders policies.inbound.cors undefined → "cors"',
      'host: API orders hosts ["a.example"] → ["b.example"]',
    ]);
  });

  it("tells of what came and went as a whole, and of another order", () => {
    assert.deepEqual(told({ apis: [api("a"), api("b")] }, { apis: [api("b"), api("a")] }), [
      'setting: definition apis  ["a","b"] → ["b","a"] order',
    ]);
    const [gone, come] = compareDefinitions(
      definition({ backends: [], apis: [api("a")] }),
      definition({ apis: [api("c")] }),
    );
    assert.deepEqual(
      [gone?.entry, gone?.after, come?.entry, come?.before],
      [{ kind: "API", name: "a" }, undefined, { kind: "API", name: "c" }, undefined],
    );
  });

  it("shows where a secret is read from, never what it is", () => {
    const of = (origin: string, value: string): Partial<Definition> => ({
      subscriptions: [subscription(new Secret(origin, value))],
    });
    assert.deepEqual(told(of("env A", "s3cret-one"), of("env B", "s3cret-two")), [
      'secret: subscription team primaryKey {"secret":"env A"} → {"secret":"env B"}',
    ]);
    const hidden = (name: string, value: string): Partial<Definition> => ({
      policies: { inbound: [{ ...node(name), args: { value: { kind: "literal", value, secret: true } } }] },
    });
    assert.doesNotMatch(told(hidden("a", "s3cret"), hidden("b", "s3cret")).join(), /s3cret/);
    assert.deepEqual(told(hidden("a", "one"), hidden("a", "two")), []);
    const logger = (name: string, value: string): Partial<Definition> => ({
      loggers: [
        {
          name: "l",
          url: "u",
          sender: { name, secret: true, value },
          authorization: null,
          contentType: "",
          at: node("x").at,
        },
      ],
    });
    assert.deepEqual(told(logger("one", "s3cret"), logger("two", "other")), [
      'setting: logger l sender.name "one" → "two"',
    ]);
  });

  it("finds something exactly where the hash is another", () => {
    const variants: readonly Partial<Definition>[] = [
      {},
      { environment: "prod" },
      { policies: { inbound: [node("a"), node("a")] } },
      { policies: { inbound: [node("a")] } },
      { policies: { inbound: [{ ...node("a"), id: "one" }] } },
      { policies: { inbound: [limit(1)] } },
      { policies: { inbound: [{ ...node("w"), args: { x: { kind: "policies", policies: [limit(1)] } } }] } },
      { policies: { inbound: [{ ...node("w"), args: { x: { kind: "list", items: [] } } }] } },
      { policies: { inbound: [{ ...node("w"), args: { x: { kind: "map", entries: {} } } }] } },
      { policies: { inbound: [{ ...node("w"), args: { x: { kind: "literal", value: "${a}" } } }] } },
      { policies: { inbound: [{ ...node("w"), args: { x: { kind: "expression", expression: cel("a") } } }] } },
      { apis: [api("a"), api("b")] },
      { apis: [api("b"), api("a")] },
      { apis: [api("a", { access: { kind: "rules", rules: [{ effect: "allow", condition: cel("true") }] } })] },
      { apis: [api("a", { access: { kind: "rules", rules: [{ effect: "deny", condition: cel("true") }] } })] },
      { egress: { allow: ["https://a.example", "https://b.example"] } },
      { egress: { allow: ["https://b.example", "https://a.example"] } },
    ];
    for (const [first, one] of variants.entries()) {
      for (const [second, other] of variants.entries()) {
        const differs = hashDefinition(definition(one)) !== hashDefinition(definition(other));
        assert.equal(told(one, other).length > 0, differs, `${first} and ${second}`);
      }
    }
  });
});
