import type { Expr } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { callTypeArguments } from "./parse-type.ts";

/** Longest chain of members, calls and indexes: the tree is as deep. */
const maxChain = 400;

/** Members, calls, indexes, `?.`, `++` and `--` behind a primary. */
export function parsePostfix(cursor: Cursor, primary: Expr): Expr {
  let left = primary;
  for (let count = 0; ; count++) {
    if (count > maxChain) cursor.fail(`more than ${maxChain} members in a row`);
    const longer = link(cursor, left);
    if (longer === undefined) return left;
    left = longer;
  }
}

function link(cursor: Cursor, left: Expr): Expr | undefined {
  const { start } = left;
  if (cursor.take(".")) return member(cursor, left);
  if (cursor.is("?.") || (cursor.is("?") && cursor.is("[", 1) && cursor.peek(1).start === cursor.token.end)) {
    return conditionalAccess(cursor, left);
  }
  if (cursor.take("(")) {
    const args = cursor.grammar.args(cursor, ")");
    return { kind: "call", target: left, args, start, end: cursor.lastEnd };
  }
  if (cursor.take("[")) {
    const args = cursor.grammar.args(cursor, "]");
    return { kind: "index", target: left, args, start, end: cursor.lastEnd };
  }
  if (cursor.is("++") || cursor.is("--")) {
    const op = cursor.next().text;
    return { kind: "postfix", op, operand: left, start, end: cursor.lastEnd };
  }
  // `x!` says that x is not null (C# 8) and does nothing.
  if (cursor.is("!") && ![cursor.peek(1).kind].includes("name") && "). ,;]}".includes(cursor.peek(1).text)) {
    cursor.next();
    return left;
  }
  return undefined;
}

function member(cursor: Cursor, target: Expr): Expr {
  const { text: name, start: nameAt } = cursor.name("a member");
  const args = callTypeArguments(cursor);
  return { kind: "member", target, name, args, nameAt, start: target.start, end: cursor.lastEnd };
}

/** The rest of the chain belongs to the `?.`: none of it runs when the target is null. */
function conditionalAccess(cursor: Cursor, target: Expr): Expr {
  return cursor.deeper(() => {
    const { start } = cursor.token;
    const receiver: Expr = { kind: "receiver", start, end: cursor.token.end };
    const first = cursor.next().text === "?." ? member(cursor, receiver) : receiver;
    const rest = parsePostfix(cursor, first);
    return { kind: "conditional-access", target, rest, start: target.start, end: rest.end };
  });
}
