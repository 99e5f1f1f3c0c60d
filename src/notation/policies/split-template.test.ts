import assert from "node:assert/strict";
import { it } from "node:test";
import { splitTemplate } from "./split-template.ts";

function sources(text: string): readonly string[] {
  const pieces = splitTemplate(text);
  assert.ok(!("unclosedAt" in pieces));
  return pieces.map((piece) => (piece.kind === "text" ? piece.text : `<${piece.source}>`));
}

it("splits text and expressions", () => {
  assert.deepEqual(sources("a ${b} c ${d}"), ["a ", "<b>", " c ", "<d>"]);
  assert.deepEqual(sources("plain"), ["plain"]);
  assert.deepEqual(sources(""), []);
});

it("takes $${ as text", () => assert.deepEqual(sources("a $${b} ${c}"), ["a ${b} ", "<c>"]));

it("finds the brace that closes", () => {
  assert.deepEqual(sources("${{'a': '}'}['a']}!"), ["<{'a': '}'}['a']>", "!"]);
  assert.deepEqual(sources('${"\\"}"}x'), ['<"\\"}">', "x"]);
  assert.deepEqual(sources('${r"\\"}x'), ['<r"\\">', "x"]);
  assert.deepEqual(sources("${'''a'}'''}x"), ["<'''a'}'''>", "x"]);
  assert.deepEqual(sources("${a // }\n}x"), ["<a // }\n>", "x"]);
});

it("says where an expression is not closed", () => {
  assert.deepEqual(splitTemplate("ab${c"), { unclosedAt: 2 });
  assert.deepEqual(splitTemplate("${'}"), { unclosedAt: 0 });
});
