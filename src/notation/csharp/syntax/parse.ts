import type { Block, Expr } from "./ast.ts";
import { Cursor, type Grammar } from "./cursor.ts";
import { parseArguments, parseExpression } from "./parse-expression.ts";
import { parseInitializer } from "./parse-new.ts";
import { parsePattern } from "./parse-pattern.ts";
import { parseBlock, parseStatement, parseStatements } from "./parse-statement.ts";
import { parseType } from "./parse-type.ts";
import { parseUnary } from "./parse-unary.ts";
import { CsharpProblem } from "./problem.ts";
import { tokenize } from "./tokenize.ts";

const grammar: Grammar = {
  expression: parseExpression,
  unary: parseUnary,
  type: (cursor) => parseType(cursor),
  block: parseBlock,
  statement: parseStatement,
  pattern: parsePattern,
  args: parseArguments,
  initializer: parseInitializer,
};

/** Longest text of one expression, in UTF-16 units. */
const maxLength = 65_536;

/**
 * Parses a whole policy expression, `@(expr)` or `@{ statements }`. Offsets are those of `text`.
 * @throws CsharpProblem
 */
export function parsePolicyExpression(text: string): Expr | Block {
  if (text.length > maxLength) throw new CsharpProblem(`an expression is at most ${maxLength} characters`, 0);
  const isBlock = text.startsWith("@{");
  if ((!isBlock && !text.startsWith("@(")) || !text.endsWith(isBlock ? "}" : ")")) {
    throw new CsharpProblem("an expression is written @(…) or @{…}", 0);
  }
  const cursor = new Cursor(grammar, tokenize(text, 2, text.length - 1));
  if (!isBlock) return wholeExpression(cursor);
  const statements = parseStatements(cursor);
  if (cursor.token.kind !== "end") cursor.fail(`a statement is expected here, not ${cursor.found()}`);
  return { kind: "block", statements, isChecked: null, start: 1, end: text.length };
}

function wholeExpression(cursor: Cursor): Expr {
  const value = cursor.grammar.expression(cursor);
  if (cursor.token.kind !== "end") cursor.fail(`an operator is expected here, not ${cursor.found()}`);
  return value;
}
