import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Block, Expr } from "./ast.ts";
import { parsePolicyExpression } from "./parse.ts";

const sources: readonly string[] = [
  '@((string)context.Variables["a"] + 1 * (b - c) % 2)',
  "@(a ? b : c ?? d?.e?[0].f(g, h: 1, out var i) ?? throw new X())",
  '@($"{a + 1,5:F2} {b("}")} {{x}}" + @"c:\\""" + $@"\\{d}")',
  "@(x => y => (z, w) => { return x + y; })",
  "@(a is B b && c as D? == null || !(e is null) && f is > 1 and < 5 or 7)",
  '@(new Dictionary<string, List<int?>>(c) { ["a"] = new() { 1, 2 }, ["b"] = null })',
  "@(new[] { 1, 2 }.Select(x => new { x, y = x.z }).ToArray()[0].y)",
  "@(from x in a where x > 1 orderby x.y descending select x.z)",
  "@((a) - 1 + (int)-1 + (A)b + (a)(b) + (A.B<C>)d)",
  "@(a < b && c > d == (e < f) && G<H>(i) && j.k<l, m>(n))",
  '@{ var x = 1; const int y = 2; int[] z = { 1, 2 }; (int a, string b) t = (1, ""); return t; }',
  "@{ foreach (var (k, v) in d) { if (k) continue; else break; } for (int i = 0, j = 1; i < 2; i++, j--) ; do x++; while (x < 5); return 1; }",
  "@{ try { using (var a = b()) return c; } catch (X e) when (e.f) { throw; } catch { } finally { g(); } return 1; }",
  "@{ switch (a) { case 1: case B b when b.c: return 1; default: break; } int F(int n = 1) => n; void G() { } return a switch { 1 => 2, _ => 3 }; }",
  "@(checked(a + b) + unchecked(c) + default(int) + sizeOf + typeof(X).Name + nameof(a.b) + 1e3 + .5f + 0xFFul + 1m)",
];

/** Every node, with the node above it. */
function* nodes(
  value: unknown,
  above: { start: number; end: number },
): Generator<readonly [node: Expr, above: { start: number; end: number }]> {
  if (Array.isArray(value)) for (const item of value) yield* nodes(item, above);
  else if (typeof value === "object" && value !== null) {
    const node = value as Expr;
    const isNode = typeof node.start === "number" && typeof node.kind === "string";
    if (isNode) yield [node, above];
    for (const child of Object.values(value)) yield* nodes(child, isNode ? node : above);
  }
}

/** A tree without its positions. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => !["start", "end", "nameAt", "at"].includes(key));
  return Object.fromEntries(entries.map(([key, item]) => [key, shape(item)]));
}

const standalone: ReadonlySet<string> = new Set(
  "literal interpolated name member call index conditional-access unary postfix binary conditional cast as is lambda new anonymous new-array tuple typeof default checked switch".split(
    " ",
  ),
);

/** Statements and types have kinds of the same names. */
function isTupleType(node: Expr): boolean {
  return node.kind === "tuple" && node.elements.some((element) => !("value" in element));
}

/** A part that only means something where it stands. */
function hasReceiver(node: unknown): boolean {
  return JSON.stringify(node, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)).includes(
    '"receiver"',
  );
}

describe("parsePolicyExpression", () => {
  for (const source of sources) {
    it(`gives each node of ${source.slice(0, 60)} its place`, () => {
      const tree: Expr | Block = parsePolicyExpression(source);
      const isQuery = source.includes("from x in");
      let checked = 0;
      for (const [node, above] of nodes(tree, { start: 0, end: source.length })) {
        assert.ok(node.start <= node.end, `${node.kind} ends before it begins`);
        if (isQuery) continue;
        assert.ok(node.start >= above.start && node.end <= above.end, `${node.kind} is outside of what holds it`);
        if (!standalone.has(node.kind) || "sections" in node || isTupleType(node) || hasReceiver(node)) continue;
        // The text of a node is a whole expression, and means the same.
        const again = parsePolicyExpression(`@(${source.slice(node.start, node.end)})`);
        assert.deepEqual(shape(again), shape(node), source.slice(node.start, node.end));
        checked++;
      }
      assert.ok(checked > 0 || isQuery);
    });
  }
});
