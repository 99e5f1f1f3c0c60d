import type { CatchClause, Expr, Statement, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

export function parseTry(cursor: Cursor): Statement {
  const { start } = cursor.next();
  const body = cursor.grammar.block(cursor);
  const catches: CatchClause[] = [];
  while (cursor.is("catch")) catches.push(catchClause(cursor));
  const last = cursor.take("finally") ? cursor.grammar.block(cursor) : null;
  if (catches.length === 0 && last === null) cursor.fail("'catch' or 'finally' is expected here");
  return { kind: "try", body, catches, last, start, end: cursor.lastEnd };
}

function catchClause(cursor: Cursor): CatchClause {
  const { start } = cursor.next();
  let type: TypeSyntax | null = null;
  let name: string | null = null;
  let when: Expr | null = null;
  if (cursor.take("(")) {
    type = cursor.grammar.type(cursor);
    if (cursor.token.kind === "name") name = cursor.next().text;
    cursor.expect(")");
  }
  if (cursor.takeWord("when")) {
    cursor.expect("(");
    when = cursor.grammar.expression(cursor);
    cursor.expect(")");
  }
  const body = cursor.grammar.block(cursor);
  return { type, name, when, body, start, end: cursor.lastEnd };
}
