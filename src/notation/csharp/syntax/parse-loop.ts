import type { Expr, Statement, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

export function parseLoop(cursor: Cursor): Statement {
  const { start, text } = cursor.next();
  if (text === "for") return forLoop(cursor, start);
  if (text === "foreach") return foreachLoop(cursor, start);
  if (text === "while") {
    const test = condition(cursor);
    const body = cursor.grammar.statement(cursor);
    return { kind: "while", test, body, start, end: cursor.lastEnd };
  }
  const body = cursor.grammar.statement(cursor);
  cursor.expect("while");
  const test = condition(cursor);
  cursor.expect(";");
  return { kind: "do", test, body, start, end: cursor.lastEnd };
}

function condition(cursor: Cursor): Expr {
  cursor.expect("(");
  const test = cursor.grammar.expression(cursor);
  cursor.expect(")");
  return test;
}

function forLoop(cursor: Cursor, start: number): Statement {
  cursor.expect("(");
  const initial = forInitial(cursor);
  const test = cursor.is(";") ? null : cursor.grammar.expression(cursor);
  cursor.expect(";");
  const steps = cursor.is(")") ? [] : expressions(cursor);
  cursor.expect(")");
  const body = cursor.grammar.statement(cursor);
  return { kind: "for", initial, test, steps, body, start, end: cursor.lastEnd };
}

/** Up to and with the first semicolon. */
function forInitial(cursor: Cursor): Statement[] {
  if (cursor.take(";")) return [];
  if (startsDeclaration(cursor)) return [cursor.grammar.statement(cursor)];
  const values = expressions(cursor);
  cursor.expect(";");
  return values.map((value) => ({ kind: "expression", value, start: value.start, end: value.end }));
}

function startsDeclaration(cursor: Cursor): boolean {
  let result = false;
  cursor.attempt(() => {
    cursor.grammar.type(cursor);
    result = cursor.token.kind === "name" && cursor.is("=", 1);
    return undefined;
  });
  return result;
}

function expressions(cursor: Cursor): Expr[] {
  const found: Expr[] = [];
  do found.push(cursor.grammar.expression(cursor));
  while (cursor.take(","));
  return found;
}

function foreachLoop(cursor: Cursor, start: number): Statement {
  cursor.expect("(");
  const { type, names, isTuple } = variable(cursor);
  cursor.expect("in");
  const items = cursor.grammar.expression(cursor);
  cursor.expect(")");
  const body = cursor.grammar.statement(cursor);
  return { kind: "foreach", type, names, isTuple, items, body, start, end: cursor.lastEnd };
}

interface LoopVariable {
  readonly type: TypeSyntax | null;
  readonly names: (string | null)[];
  readonly isTuple: boolean;
}

/** `var x`, `T x`, `var (a, b)`. */
function variable(cursor: Cursor): LoopVariable {
  if (cursor.isWord("var")) {
    cursor.next();
    if (!cursor.take("(")) return { type: null, names: [one(cursor)], isTuple: false };
    const names: (string | null)[] = [];
    do names.push(one(cursor));
    while (cursor.take(","));
    cursor.expect(")");
    return { type: null, names, isTuple: true };
  }
  return { type: cursor.grammar.type(cursor), names: [one(cursor)], isTuple: false };
}

function one(cursor: Cursor): string | null {
  const { text } = cursor.name("a variable's name");
  return text === "_" ? null : text;
}
