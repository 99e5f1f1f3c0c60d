import type { Argument, Expr } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { isLambda, parseLambda } from "./parse-lambda.ts";
import { parseOperators } from "./parse-operators.ts";
import { isQuery, parseQuery } from "./parse-query.ts";

export function parseExpression(cursor: Cursor): Expr {
  return cursor.deeper(() => {
    if (cursor.is("throw")) {
      const { start } = cursor.next();
      const value = cursor.grammar.expression(cursor);
      return { kind: "throw", value, start, end: value.end };
    }
    if (isLambda(cursor)) return parseLambda(cursor);
    if (isQuery(cursor)) return parseQuery(cursor);
    return parseOperators(cursor);
  });
}

/** Arguments up to `close`, which is taken; the opening bracket has been. */
export function parseArguments(cursor: Cursor, close: string): Argument[] {
  const args: Argument[] = [];
  if (cursor.take(close)) return args;
  do args.push(argument(cursor));
  while (cursor.take(","));
  cursor.expect(close);
  return args;
}

function argument(cursor: Cursor): Argument {
  const { start } = cursor.token;
  const name = cursor.token.kind === "name" && cursor.is(":", 1) ? cursor.next().text : null;
  if (name !== null) cursor.next();
  const modifier = cursor.is("out") || cursor.is("ref") || cursor.is("in") ? (cursor.next().text as "out") : null;
  const value = (modifier === "out" ? outDeclaration(cursor) : undefined) ?? cursor.grammar.expression(cursor);
  return { name, modifier, value, start, end: value.end };
}

/** `out var x`, `out int x`, `out _`. */
function outDeclaration(cursor: Cursor): Expr | undefined {
  return cursor.attempt((): Expr | undefined => {
    const { start } = cursor.token;
    if (cursor.isWord("_") && (cursor.is(",", 1) || cursor.is(")", 1))) {
      cursor.next();
      return { kind: "declaration", type: null, names: [null], isTuple: false, start, end: cursor.lastEnd };
    }
    const type = cursor.grammar.type(cursor);
    if (cursor.token.kind !== "name") return undefined;
    const { text } = cursor.next();
    const isVar = type.kind === "named" && type.path.length === 1 && type.path[0]?.name === "var";
    const names = [text === "_" ? null : text];
    return { kind: "declaration", type: isVar ? null : type, names, isTuple: false, start, end: cursor.lastEnd };
  });
}
