import type { Block, Declarator, Expr, LocalDeclaration, Statement, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { lambdaBody, parseParameters } from "./parse-lambda.ts";
import { parseLoop } from "./parse-loop.ts";
import { parseSwitch } from "./parse-switch.ts";
import { parseTry } from "./parse-try.ts";

export function parseBlock(cursor: Cursor): Block {
  const { start } = cursor.expect("{");
  const statements = parseStatements(cursor);
  cursor.expect("}");
  return { kind: "block", statements, isChecked: null, start, end: cursor.lastEnd };
}

/** Statements up to a `}` or the end. */
export function parseStatements(cursor: Cursor): Statement[] {
  const statements: Statement[] = [];
  while (!cursor.is("}") && cursor.token.kind !== "end") statements.push(cursor.grammar.statement(cursor));
  return statements;
}

export function parseStatement(cursor: Cursor): Statement {
  return cursor.deeper(() => keywordStatement(cursor) ?? declaration(cursor) ?? expressionStatement(cursor));
}

function keywordStatement(cursor: Cursor): Statement | undefined {
  const { start, text } = cursor.token;
  if (cursor.is("{")) return parseBlock(cursor);
  if (cursor.take(";")) return { kind: "empty", start, end: cursor.lastEnd };
  if (cursor.isWord("yield") && (cursor.is("return", 1) || cursor.is("break", 1))) {
    cursor.fail("'yield' is not supported: build a List<T> instead");
  }
  if (cursor.token.kind !== "keyword") return undefined;
  switch (text) {
    case "if":
      return ifStatement(cursor);
    case "for":
    case "foreach":
    case "while":
    case "do":
      return parseLoop(cursor);
    case "switch":
      return parseSwitch(cursor);
    case "try":
      return parseTry(cursor);
    case "break":
    case "continue":
      cursor.next();
      cursor.expect(";");
      return { kind: text, start, end: cursor.lastEnd };
    case "return":
    case "throw":
      return leaving(cursor, text);
    case "using":
      return using(cursor);
    case "checked":
    case "unchecked":
      if (!cursor.is("{", 1)) return undefined;
      cursor.next();
      return { ...parseBlock(cursor), isChecked: text === "checked" };
    case "const":
      cursor.next();
      return local(cursor, start, { isConst: true, isUsing: false });
    case "goto":
    case "lock":
    case "unsafe":
    case "fixed":
      return cursor.fail(`'${text}' is not supported`);
    default:
      return undefined;
  }
}

function ifStatement(cursor: Cursor): Statement {
  const { start } = cursor.next();
  cursor.expect("(");
  const test = cursor.grammar.expression(cursor);
  cursor.expect(")");
  const yes = cursor.grammar.statement(cursor);
  const no = cursor.take("else") ? cursor.grammar.statement(cursor) : null;
  return { kind: "if", test, yes, no, start, end: cursor.lastEnd };
}

function leaving(cursor: Cursor, kind: "return" | "throw"): Statement {
  const { start } = cursor.next();
  const value = cursor.is(";") ? null : cursor.grammar.expression(cursor);
  cursor.expect(";");
  return { kind, value, start, end: cursor.lastEnd };
}

function using(cursor: Cursor): Statement {
  const { start } = cursor.next();
  if (!cursor.take("(")) return local(cursor, start, { isConst: false, isUsing: true });
  const resource = cursor.attempt(() => declarators(cursor, start, false)) ?? cursor.grammar.expression(cursor);
  cursor.expect(")");
  const body = cursor.grammar.statement(cursor);
  return { kind: "using", resource, body, start, end: cursor.lastEnd };
}

/** A local variable, or a local function; undefined where an expression begins. */
function declaration(cursor: Cursor): Statement | undefined {
  const { start } = cursor.token;
  const begun = cursor.attempt(() => {
    if (cursor.is("static")) cursor.next();
    const type = cursor.grammar.type(cursor);
    if (cursor.token.kind !== "name") return undefined;
    if (["=", ";", ","].some((text) => cursor.is(text, 1))) return { type, isFunction: false };
    return cursor.is("(", 1) ? { type, isFunction: true } : undefined;
  });
  if (begun === undefined) return undefined;
  if (begun.isFunction) return localFunction(cursor, start, begun.type);
  return ended(cursor, variables(cursor, start, begun.type, { isConst: false, isUsing: false }));
}

function localFunction(cursor: Cursor, start: number, type: TypeSyntax): Statement {
  const { text: name } = cursor.next();
  const parameters = parseParameters(cursor);
  const returns = isNamed(type, "void") ? null : type;
  let body: Expr | Block;
  if (cursor.take("=>")) {
    body = cursor.grammar.expression(cursor);
    cursor.expect(";");
  } else body = lambdaBody(cursor);
  return { kind: "function", name, returns, parameters, body, start, end: cursor.lastEnd };
}

interface Modifiers {
  readonly isConst: boolean;
  readonly isUsing: boolean;
}

function local(cursor: Cursor, start: number, modifiers: Modifiers): Statement {
  return ended(cursor, variables(cursor, start, cursor.grammar.type(cursor), modifiers));
}

function ended(cursor: Cursor, statement: LocalDeclaration): Statement {
  cursor.expect(";");
  return { ...statement, end: cursor.lastEnd };
}

/** A declaration without its semicolon, as `for` and `using` hold it; undefined where it is none. */
export function declarators(cursor: Cursor, start: number, isConst: boolean): LocalDeclaration | undefined {
  const type = cursor.grammar.type(cursor);
  if (cursor.token.kind !== "name" || !cursor.is("=", 1)) return undefined;
  return variables(cursor, start, type, { isConst, isUsing: false });
}

function variables(cursor: Cursor, start: number, type: TypeSyntax, modifiers: Modifiers): LocalDeclaration {
  const found: Declarator[] = [];
  do {
    const { text: name, start: at } = cursor.name("a variable's name");
    const value = cursor.take("=") ? initial(cursor) : null;
    found.push({ name, value, start: at, end: cursor.lastEnd });
  } while (cursor.take(","));
  const isVar = isNamed(type, "var");
  return { kind: "local", type: isVar ? null : type, ...modifiers, declarators: found, start, end: cursor.lastEnd };
}

function initial(cursor: Cursor): Expr {
  if (!cursor.is("{")) return cursor.grammar.expression(cursor);
  const { start } = cursor.token;
  const { end, ...items } = cursor.grammar.initializer(cursor);
  if (items.kind === "members") return cursor.fail("an array's items are expected here", start);
  return { kind: "array-items", items: items.items.map(([item]) => item as Expr), start, end };
}

export function isNamed(type: TypeSyntax, name: string): boolean {
  return type.kind === "named" && type.path.length === 1 && type.path[0]?.name === name;
}

function expressionStatement(cursor: Cursor): Statement {
  const { start } = cursor.token;
  const value = deconstruction(cursor) ?? cursor.grammar.expression(cursor);
  if (!isStatementLike(value)) cursor.fail("only assignments, calls and 'new' can stand as a statement", start);
  cursor.expect(";");
  return { kind: "expression", value, start, end: cursor.lastEnd };
}

function isStatementLike(value: Expr): boolean {
  if (value.kind === "conditional-access") return isStatementLike(value.rest);
  if (value.kind === "unary") return value.op === "++" || value.op === "--";
  return ["assign", "call", "new", "postfix", "throw"].includes(value.kind);
}

/** `var (a, b) = …` */
function deconstruction(cursor: Cursor): Expr | undefined {
  if (!cursor.isWord("var") || !cursor.is("(", 1)) return undefined;
  return cursor.attempt((): Expr | undefined => {
    const { start } = cursor.next();
    const names = tupleNames(cursor);
    const target: Expr = { kind: "declaration", type: null, names, isTuple: true, start, end: cursor.lastEnd };
    if (!cursor.take("=")) return undefined;
    const value = cursor.grammar.expression(cursor);
    return { kind: "assign", op: "=", target, value, start, end: value.end };
  });
}

/** `(a, _, b)`; null where nothing is named. */
export function tupleNames(cursor: Cursor): (string | null)[] {
  const names: (string | null)[] = [];
  cursor.expect("(");
  do {
    const { text } = cursor.name("a name");
    names.push(text === "_" ? null : text);
  } while (cursor.take(","));
  cursor.expect(")");
  return names;
}
