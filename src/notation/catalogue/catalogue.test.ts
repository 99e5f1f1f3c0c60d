import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import type { Argument } from "#model/policy-tree.ts";
import { catalogue } from "./catalogue.ts";
import type { ArgumentSpec, PolicySpec } from "./spec.ts";

type Plain = string | number | boolean | readonly Plain[] | { readonly [name: string]: Plain };

function argument(value: Plain): Argument {
  if (Array.isArray(value)) return { kind: "list", items: (value as readonly Plain[]).map(argument) };
  if (typeof value !== "object") return { kind: "literal", value };
  return { kind: "map", entries: entriesOf(value as Readonly<Record<string, Plain>>) };
}

function entriesOf(plain: Readonly<Record<string, Plain>>): Record<string, Argument> {
  return Object.fromEntries(Object.entries(plain).map(([name, value]) => [name, argument(value)]));
}

/** What the check over several arguments says; the argument it blames. */
function blamed(policy: string, args: Readonly<Record<string, Plain>>): string | undefined {
  return catalogue.get(policy)?.check?.(entriesOf(args))?.argument;
}

function everyArgument(spec: PolicySpec): ArgumentSpec[] {
  const found: ArgumentSpec[] = [];
  const queue = Object.values(spec.args);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    found.push(next);
    queue.push(...Object.values(next.entries ?? {}));
    for (const inner of [next.items, next.additional]) if (inner !== undefined) queue.push(inner);
  }
  return found;
}

describe("catalogue", () => {
  for (const spec of catalogue.values()) {
    it(`describes ${spec.name} completely`, () => {
      assert.equal(catalogue.get(spec.name), spec);
      assert.ok(spec.sections.length > 0 && spec.scopes.length > 0);
      for (const text of [spec.summary, ...everyArgument(spec).map((entry) => entry.summary)]) assert.match(text, /\S/);
      for (const entry of everyArgument(spec)) {
        assert.equal(entry.type === "list", entry.items !== undefined, JSON.stringify(entry));
        assert.equal(entry.type === "enum", entry.values !== undefined, JSON.stringify(entry));
        assert.equal(entry.type === "map", (entry.entries ?? entry.additional) !== undefined, JSON.stringify(entry));
        assert.ok(entry.required !== true || entry.default === undefined);
      }
      assert.ok(spec.shorthand === undefined || spec.args[spec.shorthand] !== undefined);
    });

    it(`has an example of ${spec.name} that names only its arguments, all required ones among them`, () => {
      const example = parse(spec.example) as Record<string, unknown>;
      assert.deepEqual(Object.keys(example), [spec.name]);
      const given = example[spec.name];
      if (typeof given !== "object" || given === null) return assert.ok(spec.shorthand);
      for (const name of Object.keys(given)) assert.ok(spec.args[name], name);
      for (const [name, entry] of Object.entries(spec.args)) if (entry.required) assert.ok(name in given, name);
    });
  }

  it("puts policies where API Management has them", () => {
    assert.deepEqual(catalogue.get("quota")?.scopes, ["product"]);
    assert.deepEqual(catalogue.get("rate-limit")?.scopes, ["product", "api", "operation"]);
    assert.deepEqual(catalogue.get("forward-request")?.sections, ["backend"]);
    assert.deepEqual(catalogue.get("mock-response")?.sections, ["inbound", "outbound", "on-error"]);
  });
});

describe("checks over several arguments", () => {
  it("take one place for a token", () => {
    assert.equal(blamed("validate-jwt", { provider: "corp", header: "X" }), undefined);
    assert.equal(blamed("validate-jwt", { header: "X" }), "provider");
    assert.equal(blamed("validate-jwt", { header: "X", tokenValue: "y" }), "tokenValue");
  });

  it("take one destination", () => {
    assert.equal(blamed("set-backend-service", { backendId: "a" }), undefined);
    assert.equal(blamed("set-backend-service", { baseUrl: "https://a.example/b" }), undefined);
    assert.equal(blamed("set-backend-service", {}), "backendId");
    assert.equal(blamed("set-backend-service", { backendId: "a", baseUrl: "https://a" }), "backendId");
    for (const baseUrl of ["a.example", "ftp://a", "https://u:p@a", "https://a?x"]) {
      assert.equal(blamed("set-backend-service", { baseUrl }), "baseUrl");
    }
  });

  it("refuse the origin * with credentials, and what is no origin", () => {
    assert.equal(blamed("cors", { allowedOrigins: ["*"] }), undefined);
    assert.equal(blamed("cors", { allowedOrigins: ["*"], allowCredentials: true }), "allowCredentials");
    assert.equal(blamed("cors", { allowedOrigins: ["*", "https://a"] }), "allowedOrigins");
    assert.equal(blamed("cors", { allowedOrigins: ["a.example"] }), "allowedOrigins");
    assert.equal(blamed("cors", { allowedOrigins: [] }), "allowedOrigins");
  });

  it("refuse protected and malformed header names", () => {
    assert.equal(blamed("set-header", { name: "X-A", values: ["1"] }), undefined);
    for (const name of ["Content-Length", "transfer-encoding", "Connection", "X-Request-Id", "X A"]) {
      assert.equal(blamed("set-header", { name, values: ["1"] }), "name");
      assert.equal(blamed("return-response", { headers: { [name]: ["1"] } }), "headers");
    }
    assert.equal(blamed("set-header", { name: "X-A" }), "values");
    assert.equal(blamed("set-header", { name: "X-A", ifExists: "delete" }), undefined);
  });

  it("refuse addresses and ranges that are none", () => {
    assert.equal(blamed("ip-filter", { address: ["10.0.0.0/8", "::1"] }), undefined);
    assert.equal(blamed("ip-filter", {}), "address");
    for (const address of ["10.0.0", "10.0.0.0/33", "10.0.0.0/", "::/129", "example.com"]) {
      assert.equal(blamed("ip-filter", { address: [address] }), "address");
    }
    for (const [from, to] of [
      ["10.0.0.2", "10.0.0.1"],
      ["10.0.0.1", "::1"],
      ["a", "b"],
    ] as const) {
      assert.equal(blamed("ip-filter", { addressRange: [{ from, to }] }), "addressRange");
    }
  });

  it("hold quotas to five minutes, choose to a condition, templates to a slash", () => {
    assert.equal(blamed("quota", { calls: 1, period: 300_000 }), undefined);
    assert.equal(blamed("quota", { calls: 1, period: 0 }), undefined);
    assert.equal(blamed("quota", { calls: 1, period: 299_999 }), "period");
    assert.equal(blamed("choose", { when: [] }), "when");
    assert.equal(blamed("rewrite-uri", { template: "x" }), "template");
  });
});
