import type { Expr } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { parseType } from "./parse-type.ts";

const precedence: Readonly<Record<string, number>> = {
  "??": 1,
  "||": 2,
  "&&": 3,
  "|": 4,
  "^": 5,
  "&": 6,
  "==": 7,
  "!=": 7,
  "<": 8,
  ">": 8,
  "<=": 8,
  ">=": 8,
  is: 8,
  as: 8,
  "<<": 9,
  ">>": 9,
  "+": 10,
  "-": 10,
  "*": 11,
  "/": 11,
  "%": 11,
};

const assignments: ReadonlySet<string> = new Set("= += -= *= /= %= &= |= ^= <<= >>= ??=".split(" "));

/** Most operands of one chain: its tree is as deep. */
const maxChain = 500;

/** An expression with assignment, the conditional and all binary operators. */
export function parseOperators(cursor: Cursor): Expr {
  const left = conditional(cursor);
  const op = operatorAt(cursor);
  if (!assignments.has(op)) return left;
  take(cursor, op);
  const value = cursor.grammar.expression(cursor);
  return { kind: "assign", op, target: left, value, start: left.start, end: value.end };
}

/** The operator at the cursor; a shift right is two tokens that touch. */
function operatorAt(cursor: Cursor): string {
  const { kind, text, end } = cursor.token;
  if (kind === "keyword") return text === "is" || text === "as" ? text : "";
  if (kind !== "operator") return "";
  if (text !== ">" || cursor.peek(1).start !== end) return text;
  if (cursor.is(">", 1)) return ">>";
  return cursor.is(">=", 1) ? ">>=" : text;
}

function take(cursor: Cursor, op: string): void {
  cursor.next();
  if (op === ">>" || op === ">>=") cursor.next();
}

function conditional(cursor: Cursor): Expr {
  const test = parseBinary(cursor, 1);
  if (!cursor.take("?")) return test;
  const yes = cursor.grammar.expression(cursor);
  cursor.expect(":");
  const no = cursor.grammar.expression(cursor);
  return { kind: "conditional", test, yes, no, start: test.start, end: no.end };
}

/** Operators that bind at least as tightly as `min`. Patterns ask for operands above `is`. */
export function parseBinary(cursor: Cursor, min: number): Expr {
  let left = cursor.grammar.unary(cursor);
  for (let count = 0; ; count++) {
    const op = operatorAt(cursor);
    const level = precedence[op];
    if (level === undefined || level < min) return left;
    if (count > maxChain) cursor.fail(`more than ${maxChain} operands in a row`);
    take(cursor, op);
    left = step(cursor, left, op, level);
  }
}

function step(cursor: Cursor, left: Expr, op: string, level: number): Expr {
  const { start } = left;
  if (op === "is") {
    const pattern = cursor.grammar.pattern(cursor);
    return { kind: "is", operand: left, pattern, start, end: pattern.end };
  }
  if (op === "as") {
    const type = parseType(cursor, true);
    return { kind: "as", operand: left, type, start, end: type.end };
  }
  // `??` is right-associative and may end in `throw`.
  const right = op === "??" ? cursor.deeper(() => rightOfCoalesce(cursor, level)) : parseBinary(cursor, level + 1);
  return { kind: "binary", op, left, right, start, end: right.end };
}

function rightOfCoalesce(cursor: Cursor, level: number): Expr {
  return cursor.is("throw") ? cursor.grammar.expression(cursor) : parseBinary(cursor, level);
}
