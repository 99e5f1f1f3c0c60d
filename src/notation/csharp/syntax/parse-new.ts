import type { ArrayItems, Expr, Initializer, MemberInit, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

/** `new T(…) {…}`, `new(…)`, `new { a = 1 }`, `new[] {…}`, `new T[n] {…}`. */
export function parseNew(cursor: Cursor): Expr {
  const { start } = cursor.expect("new");
  if (cursor.is("{")) return anonymous(cursor, start);
  if (cursor.is("[")) {
    const rank = brackets(cursor);
    return { kind: "new-array", element: null, rank, sizes: [], items: arrayItems(cursor), start, end: cursor.lastEnd };
  }
  if (cursor.take("(")) return object(cursor, start, null, true);
  const type = cursor.grammar.type(cursor);
  if (type.kind === "array") {
    const { element, rank } = type;
    return { kind: "new-array", element, rank, sizes: [], items: arrayItems(cursor), start, end: cursor.lastEnd };
  }
  if (cursor.is("[")) return sizedArray(cursor, start, type);
  if (!cursor.is("(") && !cursor.is("{")) cursor.fail(`'(' is expected here, not ${cursor.found()}`);
  return object(cursor, start, type, cursor.take("("));
}

function brackets(cursor: Cursor): number {
  cursor.expect("[");
  let rank = 1;
  while (cursor.take(",")) rank++;
  cursor.expect("]");
  return rank;
}

function object(cursor: Cursor, start: number, type: TypeSyntax | null, hasArguments: boolean): Expr {
  const args = hasArguments ? cursor.grammar.args(cursor, ")") : [];
  const init = cursor.is("{") ? cursor.grammar.initializer(cursor) : null;
  return { kind: "new", type, args, init, start, end: cursor.lastEnd };
}

function anonymous(cursor: Cursor, start: number): Expr {
  cursor.expect("{");
  const members: { name: string; value: Expr }[] = [];
  while (!cursor.is("}")) {
    const given = cursor.token.kind === "name" && cursor.is("=", 1) ? cursor.next().text : null;
    if (given !== null) cursor.next();
    const value = cursor.grammar.expression(cursor);
    const name = given ?? impliedName(value);
    if (name === undefined) cursor.fail("this member needs a name: 'name = value'", value.start);
    members.push({ name, value });
    if (!cursor.take(",")) break;
  }
  cursor.expect("}");
  return { kind: "anonymous", members, start, end: cursor.lastEnd };
}

function impliedName(value: Expr): string | undefined {
  if (value.kind === "name" || value.kind === "member") return value.name;
  return value.kind === "conditional-access" ? impliedName(value.rest) : undefined;
}

function sizedArray(cursor: Cursor, start: number, type: TypeSyntax): Expr {
  cursor.expect("[");
  const sizes = cursor.grammar.args(cursor, "]").map((argument) => argument.value);
  let element = type;
  while (cursor.is("[")) {
    const rank = brackets(cursor);
    element = { kind: "array", element, rank, start: type.start, end: cursor.lastEnd };
  }
  const items = cursor.is("{") ? arrayItems(cursor) : null;
  return { kind: "new-array", element, rank: sizes.length, sizes, items, start, end: cursor.lastEnd };
}

export function arrayItems(cursor: Cursor): ArrayItems {
  return cursor.deeper(() => {
    const { start } = cursor.expect("{");
    const items: Expr[] = [];
    while (!cursor.is("}")) {
      items.push(cursor.is("{") ? arrayItems(cursor) : cursor.grammar.expression(cursor));
      if (!cursor.take(",")) break;
    }
    cursor.expect("}");
    return { kind: "array-items", items, start, end: cursor.lastEnd };
  });
}

/** Behind `new T(…)`: members and indexes to set, or items to add. */
export function parseInitializer(cursor: Cursor): Initializer {
  return cursor.deeper(() => {
    const { start } = cursor.expect("{");
    const isMembers = (cursor.token.kind === "name" && cursor.is("=", 1)) || cursor.is("[");
    const members: MemberInit[] = [];
    const items: Expr[][] = [];
    while (!cursor.is("}")) {
      if (isMembers) members.push(memberInit(cursor));
      else items.push(item(cursor));
      if (!cursor.take(",")) break;
    }
    cursor.expect("}");
    const { lastEnd: end } = cursor;
    return isMembers ? { kind: "members", members, start, end } : { kind: "items", items, start, end };
  });
}

function memberInit(cursor: Cursor): MemberInit {
  const { start } = cursor.token;
  let name: string | null = null;
  let index: Expr[] = [];
  if (cursor.take("[")) index = cursor.grammar.args(cursor, "]").map((argument) => argument.value);
  else name = cursor.name("a member").text;
  cursor.expect("=");
  const value = cursor.is("{") ? cursor.grammar.initializer(cursor) : cursor.grammar.expression(cursor);
  return { name, index, value, start, end: value.end };
}

function item(cursor: Cursor): Expr[] {
  return cursor.is("{") ? [...arrayItems(cursor).items] : [cursor.grammar.expression(cursor)];
}
