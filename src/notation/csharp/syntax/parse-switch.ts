import type { Expr, Pattern, Statement, SwitchSection } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

export function parseSwitch(cursor: Cursor): Statement {
  const { start } = cursor.next();
  cursor.expect("(");
  const value = cursor.grammar.expression(cursor);
  cursor.expect(")");
  cursor.expect("{");
  const sections: SwitchSection[] = [];
  while (!cursor.is("}")) sections.push(section(cursor));
  cursor.expect("}");
  return { kind: "switch", value, sections, start, end: cursor.lastEnd };
}

function section(cursor: Cursor): SwitchSection {
  const { start } = cursor.token;
  const labels: { pattern: Pattern | null; when: Expr | null; at: number }[] = [];
  while (isLabel(cursor)) {
    const at = cursor.next().start;
    const pattern = cursor.lastEnd - at === "case".length ? cursor.grammar.pattern(cursor) : null;
    const when = pattern !== null && cursor.takeWord("when") ? cursor.grammar.expression(cursor) : null;
    cursor.expect(":");
    labels.push({ pattern, when, at });
  }
  if (labels.length === 0) cursor.fail(`'case' is expected here, not ${cursor.found()}`);
  const statements: Statement[] = [];
  while (!isLabel(cursor) && !cursor.is("}")) statements.push(cursor.grammar.statement(cursor));
  return { labels, statements, start, end: cursor.lastEnd };
}

function isLabel(cursor: Cursor): boolean {
  return cursor.is("case") || (cursor.is("default") && cursor.is(":", 1));
}
