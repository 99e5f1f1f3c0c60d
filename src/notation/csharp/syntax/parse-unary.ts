import type { Expr, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { parsePostfix } from "./parse-postfix.ts";
import { parsePrimary } from "./parse-primary.ts";
import { predefinedTypes } from "./parse-type.ts";

const prefixes: ReadonlySet<string> = new Set(["-", "+", "!", "~", "++", "--"]);

export function parseUnary(cursor: Cursor): Expr {
  return cursor.deeper(() => {
    const { kind, text, start } = cursor.token;
    if (kind === "operator" && prefixes.has(text)) return prefixed(cursor, text, start);
    if (cursor.isWord("await") && ["name", "keyword"].includes(cursor.peek(1).kind)) {
      cursor.fail("'await' has no place in a policy expression");
    }
    const operand = castOrPrimary(cursor);
    if (!cursor.is("switch") || !cursor.is("{", 1)) return operand;
    return switchExpression(cursor, operand);
  });
}

function prefixed(cursor: Cursor, op: string, start: number): Expr {
  cursor.next();
  // The smallest int and long can only be written as a negated literal.
  const { token } = cursor;
  if (op === "-" && token.kind === "integer" && /^\d+$/.test(token.text)) {
    const value = -BigInt(token.text);
    const fits = token.suffix === "" && value === -(2n ** 31n);
    if (fits || (value === -(2n ** 63n) && !token.suffix?.includes("u"))) {
      cursor.next();
      return { kind: "literal", type: fits ? "int" : "long", value, start, end: token.end };
    }
  }
  const operand = cursor.grammar.unary(cursor);
  return { kind: "unary", op, operand, start, end: operand.end };
}

function castOrPrimary(cursor: Cursor): Expr {
  const { start } = cursor.token;
  if (cursor.is("(")) {
    const type = cursor.attempt(castType);
    if (type !== undefined) {
      const operand = cursor.grammar.unary(cursor);
      return { kind: "cast", type, operand, start, end: operand.end };
    }
  }
  return parsePostfix(cursor, parsePrimary(cursor));
}

/** A type in brackets that can only be a cast, by what it is or by what stands behind it (C# 7, §12.9.7). */
function castType(cursor: Cursor): TypeSyntax | undefined {
  cursor.expect("(");
  const type = cursor.grammar.type(cursor);
  if (!cursor.take(")")) return undefined;
  return isOnlyType(type) || startsCastOperand(cursor) ? type : undefined;
}

function isOnlyType(type: TypeSyntax): boolean {
  if (type.kind === "named") return predefinedTypes.has(type.path[0]?.name ?? "") && type.path.length === 1;
  return type.kind !== "tuple";
}

function startsCastOperand(cursor: Cursor): boolean {
  const { kind, text } = cursor.token;
  if (kind === "operator") return text === "(" || text === "~" || text === "!";
  if (kind === "keyword") return text !== "is" && text !== "as" && text !== "switch" && text !== "in";
  return kind !== "end";
}

function switchExpression(cursor: Cursor, value: Expr): Expr {
  cursor.next();
  cursor.expect("{");
  const arms = [];
  while (!cursor.is("}")) {
    const pattern = cursor.grammar.pattern(cursor);
    const when = cursor.takeWord("when") ? cursor.grammar.expression(cursor) : null;
    cursor.expect("=>");
    const result = cursor.grammar.expression(cursor);
    arms.push({ pattern, when, value: result, start: pattern.start, end: result.end });
    if (!cursor.take(",")) break;
  }
  cursor.expect("}");
  return { kind: "switch", value, arms, start: value.start, end: cursor.lastEnd };
}
