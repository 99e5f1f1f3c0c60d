import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { supportedPolicies } from "#notation/catalogue/catalogue.ts";
import { linkChain } from "./link.ts";
import { policy, portsWith } from "./policy.test-helper.ts";
import { registry } from "./registry.ts";

describe("registry", () => {
  it("links what the catalogue lists as supported, and nothing else; base and fragments are resolved before, set-url stands inside calls", () => {
    const resolved = new Set(["base", "include-fragment", "set-url"]);
    const listed = supportedPolicies.map(({ name }) => name).filter((name) => !resolved.has(name));
    assert.deepEqual([...registry.keys()].toSorted(), listed.toSorted());
  });

  it("never skips a policy that it does not know", () => {
    const chain = {
      inbound: [{ scope: "api" as const, node: policy("validate-everything") }],
      backend: [],
      outbound: [],
      onError: [],
    };
    assert.throws(() => linkChain(chain, portsWith()), /no policy validate-everything/);
  });

  it("has a test beside each of its modules", () => {
    const files = new Set(readdirSync(new URL("policies/", import.meta.url)));
    const modules = [...files].filter((file) => !file.endsWith(".test.ts")).map((file) => file.slice(0, -".ts".length));
    assert.deepEqual(modules.toSorted(), [...registry.keys()].toSorted());
    const untested = modules.filter((name) => !files.has(`${name}.test.ts`));
    assert.deepEqual(untested, []);
  });
});
