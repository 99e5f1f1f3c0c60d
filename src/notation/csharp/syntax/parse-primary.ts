import type { Expr, Hole, LiteralType, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { parseNew } from "./parse-new.ts";
import { callTypeArguments, predefinedTypes } from "./parse-type.ts";
import type { HoleTokens, Token } from "./token.ts";

export function parsePrimary(cursor: Cursor): Expr {
  const { token } = cursor;
  const { start, end } = token;
  switch (token.kind) {
    case "name":
      return name(cursor);
    case "integer":
      cursor.next();
      return integer(cursor, token);
    case "real":
      cursor.next();
      return { kind: "literal", type: realTypes[token.suffix ?? ""] ?? "double", value: token.text, start, end };
    case "string":
    case "char":
      cursor.next();
      return { kind: "literal", type: token.kind, value: token.text, start, end };
    case "interpolated":
      cursor.next();
      return interpolated(cursor, token);
    case "keyword":
      return keyword(cursor, token);
    default:
      return cursor.is("(") ? bracketed(cursor) : cursor.fail(`an expression is expected here, not ${cursor.found()}`);
  }
}

function name(cursor: Cursor): Expr {
  const { text, start } = cursor.next();
  if (text === "global" && cursor.take("::")) return name(cursor);
  const args = callTypeArguments(cursor);
  return { kind: "name", name: text, args, start, end: cursor.lastEnd };
}

const realTypes: Readonly<Record<string, LiteralType>> = { f: "float", m: "decimal", d: "double" };

/** The first type of int, uint, long, ulong that the suffix allows and the value fits. */
function integer(cursor: Cursor, token: Token): Expr {
  const value = BigInt(token.text);
  const suffix = token.suffix ?? "";
  const { start, end } = token;
  const candidates: readonly (readonly [LiteralType, bigint, string])[] = [
    ["int", 31n, ""],
    ["uint", 32n, "u"],
    ["long", 63n, "l"],
    ["ulong", 64n, "ul"],
  ];
  const found = candidates.find(([, bits, letters]) => {
    return value < 1n << bits && [...suffix].every((letter) => letters.includes(letter));
  });
  if (found === undefined) cursor.fail("this number is too large", start);
  return { kind: "literal", type: found[0], value, start, end };
}

function interpolated(cursor: Cursor, token: Token): Expr {
  const parts = (token.parts ?? []).map((part) => (typeof part === "string" ? part : hole(cursor, part)));
  return { kind: "interpolated", parts, start: token.start, end: token.end };
}

function hole(cursor: Cursor, tokens: HoleTokens): Hole {
  const value = whole(cursor.within(tokens.tokens));
  const alignment = tokens.alignment === null ? null : whole(cursor.within(tokens.alignment));
  return { value, alignment, format: tokens.format };
}

function whole(cursor: Cursor): Expr {
  const value = cursor.grammar.expression(cursor);
  if (cursor.token.kind !== "end") cursor.fail(`'}' is expected here, not ${cursor.found()}`);
  return value;
}

function keyword(cursor: Cursor, token: Token): Expr {
  const { text, start, end } = token;
  if (text === "true" || text === "false") {
    cursor.next();
    return { kind: "literal", type: "bool", value: text === "true", start, end };
  }
  if (text === "null") {
    cursor.next();
    return { kind: "literal", type: "null", value: null, start, end };
  }
  if (text === "new") return parseNew(cursor);
  if (predefinedTypes.has(text)) return { kind: "predefined", type: cursor.grammar.type(cursor), start, end };
  if (text === "typeof") {
    cursor.next();
    return { kind: "typeof", type: typeInBrackets(cursor), start, end: cursor.lastEnd };
  }
  if (text === "default") {
    cursor.next();
    const type = cursor.is("(") ? typeInBrackets(cursor) : null;
    return { kind: "default", type, start, end: cursor.lastEnd };
  }
  if (text === "checked" || text === "unchecked") {
    cursor.next();
    cursor.expect("(");
    const value = cursor.grammar.expression(cursor);
    cursor.expect(")");
    return { kind: "checked", isChecked: text === "checked", value, start, end: cursor.lastEnd };
  }
  return cursor.fail(`'${text}' has no place here`);
}

function typeInBrackets(cursor: Cursor): TypeSyntax {
  cursor.expect("(");
  const type = cursor.grammar.type(cursor);
  cursor.expect(")");
  return type;
}

/** `(x)`, or a tuple. */
function bracketed(cursor: Cursor): Expr {
  const { start } = cursor.expect("(");
  const elements = cursor.grammar.args(cursor, ")");
  const { lastEnd: end } = cursor;
  const [first] = elements;
  if (first === undefined) return cursor.fail("an expression is expected here, not ')'", end - 1);
  if (elements.length === 1 && first.name === null) return { ...first.value, start, end };
  return { kind: "tuple", elements, start, end };
}
