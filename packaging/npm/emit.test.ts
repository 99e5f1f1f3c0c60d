import assert from "node:assert/strict";
import { it } from "node:test";
import { emit } from "./emit.ts";

it("names its neighbours by the ending that they have in the package", () => {
  const source = [
    'import { a, type B } from "#model/a.ts";',
    'import "./b.ts";',
    'export { c } from "./c.ts";',
    'const d = await import("#lib/d.ts");',
    'const e = new URL("e.ts", import.meta.url);',
    'const f = "f.ts";',
  ].join("\n");
  const lines = emit(source).split("\n");
  assert.match(lines[0]!, /from "#model\/a\.js";$/);
  assert.deepEqual(lines.slice(1), [
    'import "./b.js";',
    'export { c } from "./c.js";',
    'const d = await import("#lib/d.js");',
    'const e = new URL("e.js", import.meta.url);',
    'const f = "f.ts";',
  ]);
});

it("leaves each statement at its line and column", () => {
  const source = "interface A {\n  readonly b: string;\n}\nconst a: A = { b: String(1) };\nthrow a;";
  const lines = emit(source).split("\n");
  assert.equal(lines.length, 5);
  assert.equal(lines[3]!.indexOf("{ b"), "const a: A = { b".indexOf("{ b"));
  assert.equal(lines[4], "throw a;");
});
