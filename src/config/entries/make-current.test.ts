import assert from "node:assert/strict";
import { it } from "node:test";
import { makeCurrent } from "./make-current.ts";

const text = `apis:
  shop: { path: /shop, revision: 1, access: public } # the one in use
  shop-next:
    path: /shop
    revision: 2
    # until it is tried
    current: false
  other: { path: /other, revision: 1 }
`;

it("moves `current: false` to the revision that was in use, and back", () => {
  const next = makeCurrent(text, "shop-next") as string;
  assert.equal(
    next,
    `apis:
  shop: { path: /shop, revision: 1, access: public, current: false } # the one in use
  shop-next:
    path: /shop
    revision: 2
  other: { path: /other, revision: 1 }
`,
  );
  assert.match(makeCurrent(next, "shop") as string, /shop: \{ path: \/shop, revision: 1, access: public \}/);
  assert.match(makeCurrent(next, "shop") as string, / {4}revision: 2\n {4}current: false\n/);
});

it("changes nothing for the one in use, and names what is no revision", () => {
  assert.equal(makeCurrent(text, "shop"), text);
  assert.deepEqual(makeCurrent("apis:\n  a: { path: / }\n", "a"), {
    kind: "unknown",
    problem: "the API a is no revision: it has no number",
  });
  assert.deepEqual(makeCurrent("version: 1\n", "a"), { kind: "unknown", problem: "there is no API a" });
});
