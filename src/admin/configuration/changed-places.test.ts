import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bundleOf } from "./bundle.ts";
import { changedPlaces } from "./changed-places.ts";

const places = (before: string, after: string): readonly string[] =>
  changedPlaces(bundleOf(new Map([["s.yaml", before]])), bundleOf(new Map([["s.yaml", after]])), "s.yaml");

const definition = `version: 1
# a comment
apis:
  orders:
    path: /orders
    access:
    - allow: 'true'
    policies:
      inbound:
        - set-header: { name: X, values: [a] }
  old: { path: /old }
values:
  text: |
    secret: one
    more
`;

describe("changed places", () => {
  it("name the keys, three deep, and what became of them", () => {
    const after = definition
      .replace("allow: 'true'", "allow: 'false'")
      .replace("values: [a]", "values: [b]")
      .replace("  old: { path: /old }\n", "  new:\n    path: /new\n")
      .replace("# a comment", "# another comment");
    assert.deepEqual(places(definition, after), [
      "apis.orders.access changed",
      "apis.orders.policies changed",
      "apis.old removed",
      "apis.new added",
    ]);
    assert.deepEqual(places(definition, definition), []);
  });

  it("say nothing of what stands there", () => {
    const after = definition.replace("secret: one", "s3cret: two").replace("/orders", "/s3cret");
    assert.deepEqual(places(definition, after), ["apis.orders.path changed", "values.text changed"]);
    assert.deepEqual(places("a: b\n", "a: b\n'very s3cret': x\n"), ["s.yaml changed"]);
  });

  it("name other documents, and count what is too much", () => {
    const before = bundleOf(
      new Map([
        ["s.yaml", "a: 1\n"],
        ["b.xml", "<a/>"],
      ]),
    );
    const after = bundleOf(
      new Map([
        ["s.yaml", "a: 1\n"],
        ["b.xml", "<b/>"],
        ["c.yaml", "x"],
      ]),
    );
    assert.deepEqual(changedPlaces(before, after, "s.yaml"), ["b.xml changed", "c.yaml added"]);
    const many = Array.from({ length: 99 }, (_, at) => `k${at}: 1\n`).join("");
    const found = places(many, many.replaceAll("1\n", "2\n"));
    assert.deepEqual([found.length, found.at(-1)], [50, "50 more"]);
  });
});
