import assert from "node:assert/strict";
import { it } from "node:test";
import type { Definition } from "#model/definition.ts";
import type { Argument } from "#model/policy-tree.ts";
import { Secret } from "#model/secret.ts";
import { canonicalJson, hashDefinition } from "./canonical.ts";
import { api, definition, node, operation } from "./definition.test-helper.ts";

function hashOf(parts: Partial<Definition>): string {
  return hashDefinition(definition(parts));
}

function withArgument(args: Readonly<Record<string, Argument>>): string {
  return hashOf({ policies: { inbound: [{ ...node("set-header"), args }] } });
}

function literal(value: string): Argument {
  return { kind: "literal", value };
}

function withSecret(secret: Secret): string {
  const at = { file: "f", line: 1, column: 1 };
  const one = {
    name: "s",
    scope: { kind: "all" },
    primaryKey: secret,
    secondaryKey: null,
    state: "active",
    displayName: null,
    owner: null,
    endsAt: null,
    at,
  } as const;
  return hashOf({ subscriptions: [one] });
}

it("is 64 hex digits and the same for keys in another order, at other places, from other files", () => {
  const one = hashOf({ policies: { inbound: [node("a", 1)] }, files: ["/here/sallyport.yaml"] });
  assert.match(one, /^[0-9a-f]{64}$/);
  assert.equal(hashOf({ files: ["/there/x.yaml"], policies: { inbound: [node("a", 99)] } }), one);
  const backwards = Object.fromEntries(Object.entries(api("a")).toReversed()) as unknown as ReturnType<typeof api>;
  assert.equal(hashOf({ apis: [backwards] }), hashOf({ apis: [api("a")] }));
});

it("changes with the content, order of policies included", () => {
  const hashes = [
    hashOf({}),
    hashOf({ environment: "prod" }),
    hashOf({ policies: { inbound: [node("a"), node("b")] } }),
    hashOf({ policies: { inbound: [node("b"), node("a")] } }),
    hashOf({ apis: [api("a")] }),
    hashOf({ apis: [api("a", { operations: [operation("x")] })] }),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});

it("an argument that is called `at` counts; only positions do not", () => {
  assert.notEqual(withArgument({ at: literal("a") }), withArgument({ at: literal("b") }));
  const map = (value: string): Argument => ({ kind: "map", entries: { at: literal(value), file: literal("x") } });
  assert.notEqual(withArgument({ m: map("a") }), withArgument({ m: map("b") }));
});

it("a secret counts by its origin, never by its value", () => {
  const one = withSecret(new Secret("env KEY", "value-one"));
  assert.equal(withSecret(new Secret("env KEY", "value-two")), one);
  assert.notEqual(withSecret(new Secret("env OTHER", "value-one")), one);
  const hashes = ["one", "two"].map((value) => withArgument({ v: { kind: "literal", value, secret: true } }));
  assert.equal(hashes[0], hashes[1]);
});

it("keeps apart what plain joining would confuse", () => {
  assert.notEqual(canonicalJson({ a: "1,b" }), canonicalJson({ a: "1", b: "" }));
  assert.equal(canonicalJson({ b: [1, null, true], a: undefined, c: "\n" }), String.raw`{"b":[1,null,true],"c":"\n"}`);
});
