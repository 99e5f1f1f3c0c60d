import type { Pattern } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { parseBinary } from "./parse-operators.ts";
import { parseType } from "./parse-type.ts";

/** Level of the operators that bind more tightly than `is` and comparisons. */
const aboveComparison = 9;

export function parsePattern(cursor: Cursor): Pattern {
  return cursor.deeper(() => {
    let left = conjunction(cursor);
    while (cursor.takeWord("or")) left = joined("or", left, conjunction(cursor));
    return left;
  });
}

function conjunction(cursor: Cursor): Pattern {
  let left = single(cursor);
  while (cursor.takeWord("and")) left = joined("and", left, single(cursor));
  return left;
}

function joined(kind: "and" | "or", left: Pattern, right: Pattern): Pattern {
  return { kind, left, right, start: left.start, end: right.end };
}

function single(cursor: Cursor): Pattern {
  const { start } = cursor.token;
  if (cursor.isWord("not")) {
    cursor.next();
    const pattern = cursor.deeper(() => single(cursor));
    return { kind: "not", pattern, start, end: pattern.end };
  }
  if (cursor.isWord("_") && !cursor.is(".", 1)) {
    cursor.next();
    return { kind: "discard", start, end: cursor.lastEnd };
  }
  if (cursor.isWord("var") && cursor.peek(1).kind === "name") {
    cursor.next();
    const { text } = cursor.next();
    return { kind: "var", name: text === "_" ? null : text, start, end: cursor.lastEnd };
  }
  if (["<", ">", "<=", ">="].some((op) => cursor.is(op))) {
    const op = cursor.next().text;
    const value = parseBinary(cursor, aboveComparison);
    return { kind: "relational", op, value, start, end: value.end };
  }
  if (cursor.is("{")) return properties(cursor, start, null);
  return cursor.attempt(typed) ?? bracketed(cursor) ?? constant(cursor);
}

/** A type, with or without a name or properties; undefined where it rather is a constant. */
function typed(cursor: Cursor): Pattern | undefined {
  const { start } = cursor.token;
  if (cursor.token.kind === "string" || cursor.is("(")) return undefined;
  const type = parseType(cursor, true);
  const { token } = cursor;
  const isContextual = ["and", "or", "when"].includes(token.text);
  if (cursor.is("{")) return properties(cursor, start, type);
  const name = token.kind === "name" && !isContextual ? cursor.next().text : null;
  if (name === null && (cursor.is("(") || cursor.is("["))) return undefined;
  return { kind: "type", type, name: name === "_" ? null : name, start, end: cursor.lastEnd };
}

function bracketed(cursor: Cursor): Pattern | undefined {
  return cursor.attempt(() => {
    if (!cursor.take("(")) return undefined;
    const pattern = parsePattern(cursor);
    // What goes on as an expression is a constant in brackets.
    if (!cursor.take(")")) return undefined;
    return pattern.kind === "constant" || pattern.kind === "type" ? undefined : pattern;
  });
}

function constant(cursor: Cursor): Pattern {
  const value = parseBinary(cursor, aboveComparison);
  return { kind: "constant", value, start: value.start, end: value.end };
}

function properties(cursor: Cursor, start: number, type: Extract<Pattern, { kind: "properties" }>["type"]): Pattern {
  cursor.expect("{");
  const members: { name: string; pattern: Pattern }[] = [];
  while (!cursor.is("}")) {
    const { text: name } = cursor.name("a property");
    cursor.expect(":");
    members.push({ name, pattern: parsePattern(cursor) });
    if (!cursor.take(",")) break;
  }
  cursor.expect("}");
  const isNamed = cursor.token.kind === "name" && !["and", "or", "when"].includes(cursor.token.text);
  const name = isNamed ? cursor.next().text : null;
  return { kind: "properties", type, members, name, start, end: cursor.lastEnd };
}
