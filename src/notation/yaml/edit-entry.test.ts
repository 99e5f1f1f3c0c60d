import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deleteEntry, entryNames, readEntry, setEntry } from "./edit-entry.ts";

const text = `version: 1 # of the format
# what we serve
apis:
  # the orders
  orders:
    path: /orders # public
    access: public

  other: { path: /other, access: public }
backends: { a: { url: "http://127.0.0.1:1" }, b: { url: "http://127.0.0.1:2" } }
# the end
`;

describe("an entry of a definition", () => {
  it("is replaced where it stands, and all else stays as it was written", () => {
    const edited = setEntry(text, ["apis", "orders"], "path: /orders\naccess:\n  - allow: 'true'\n");
    assert.equal(
      edited,
      text.replace(
        "  orders:\n    path: /orders # public\n    access: public\n",
        "  orders:\n    path: /orders\n    access:\n      - allow: 'true'\n",
      ),
    );
    assert.equal(
      setEntry(text, ["apis", "other"], '{"path": "/o", "access": "public"}'),
      text.replace("  other: { path: /other, access: public }", `  other: { "path": "/o", "access": "public" }`),
    );
  });

  it("is added behind the last one, with the maps around it", () => {
    assert.equal(
      setEntry(text, ["apis", "third"], "path: /third"),
      text.replace("access: public }\n", "access: public }\n  third:\n    path: /third\n"),
    );
    assert.equal(
      setEntry("version: 1", ["identity", "providers", "corp"], "issuer: https://a.example/"),
      "version: 1\nidentity:\n  providers:\n    corp:\n      issuer: https://a.example/\n",
    );
    assert.equal(
      setEntry("version: 1\napis:\nx: 2\n", ["apis", "a"], "|\n  two\n  lines\n"),
      "version: 1\napis:\n  a: |\n    two\n    lines\nx: 2\n",
    );
    assert.match(
      setEntry(text, ["backends", "c"], "url: http://127.0.0.1:3") as string,
      /^backends: \{ a: \{ url: "http:\/\/127\.0\.0\.1:1" \}, b: .*, c: \{ url: http:\/\/127\.0\.0\.1:3 \} \}$/m,
    );
  });

  it("is removed with its comment; a map that is empty then goes as well", () => {
    assert.equal(
      deleteEntry(text, ["apis", "orders"]),
      text.replace("  # the orders\n  orders:\n    path: /orders # public\n    access: public\n", ""),
    );
    const one = deleteEntry(text, ["apis", "orders"]) as string;
    assert.equal(
      deleteEntry(one, ["apis", "other"]),
      `version: 1 # of the format\n${one.slice(one.indexOf("backends:"))}`,
    );
    const without = deleteEntry(text, ["backends", "a"]) as string;
    assert.deepEqual(entryNames(without, ["backends"]), ["b"]);
    assert.equal((deleteEntry(without, ["backends", "b"]) as string).includes("backends"), false);
  });

  it("is read by itself", () => {
    assert.deepEqual(entryNames(text, ["apis"]), ["orders", "other"]);
    assert.deepEqual(entryNames(text, ["products"]), []);
    assert.equal(readEntry(text, ["apis", "orders"]), "path: /orders # public\naccess: public\n");
    assert.deepEqual(readEntry(text, ["apis", "none"]), { kind: "unknown", problem: "there is no apis.none" });
  });

  it("that cannot be changed by itself is left alone", () => {
    const kinds = [
      deleteEntry(text, ["apis", "none"]),
      setEntry(text, ["apis", "orders"], "a: [1"),
      setEntry("{ version: 1 }", ["apis", "a"], "x: 1"),
      setEntry("version: 1\napis: &all\n  a: { path: /a }\nx: *all\n", ["apis", "a"], "path: /b"),
      deleteEntry("apis:\n  ? a\n  : { path: /a }\n  b: 1\n", ["apis", "a"]),
    ].map((result) => (typeof result === "string" ? result : result.kind));
    assert.deepEqual(kinds, ["unknown", "not-yaml", "not-editable", "not-editable", "not-editable"]);
  });
});
