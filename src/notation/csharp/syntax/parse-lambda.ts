import type { Block, Expr, Lambda, Parameter } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

/** `x => …`, `(x, y) => …`, `delegate (int x) { … }`. */
export function isLambda(cursor: Cursor): boolean {
  if (cursor.is("delegate")) return true;
  if (cursor.token.kind === "name") {
    if (cursor.isWord("async") && (cursor.peek(1).kind === "name" || cursor.is("(", 1))) {
      if (cursor.is("=>", 2)) cursor.fail("'async' has no place in a policy expression");
    }
    return cursor.is("=>", 1);
  }
  if (!cursor.is("(")) return false;
  return cursor.is("=>", closing(cursor) + 1);
}

/** Distance of the bracket that closes the one at the cursor. */
function closing(cursor: Cursor): number {
  let nesting = 0;
  for (let distance = 0; ; distance++) {
    const { kind } = cursor.peek(distance);
    if (kind === "end") return distance;
    if (cursor.is("(", distance)) nesting++;
    else if (cursor.is(")", distance) && --nesting === 0) return distance;
    // A parameter list holds neither of these; without this a nest of brackets is scanned once for each of them.
    else if (cursor.is("{", distance) || cursor.is(";", distance) || kind === "string") return distance;
  }
}

export function parseLambda(cursor: Cursor): Lambda {
  const { start } = cursor.token;
  if (cursor.take("delegate")) {
    const parameters = cursor.is("(") ? parseParameters(cursor) : [];
    const body = cursor.grammar.block(cursor);
    return { kind: "lambda", parameters, body, aliases: [], start, end: body.end };
  }
  const parameters = cursor.is("(") ? parseParameters(cursor) : [bare(cursor)];
  cursor.expect("=>");
  const body = lambdaBody(cursor);
  return { kind: "lambda", parameters, body, aliases: [], start, end: body.end };
}

export function lambdaBody(cursor: Cursor): Expr | Block {
  return cursor.is("{") ? cursor.grammar.block(cursor) : cursor.grammar.expression(cursor);
}

function bare(cursor: Cursor): Parameter {
  const { text: name, start, end } = cursor.name("a parameter");
  return { name, type: null, initial: null, isOut: false, start, end };
}

/** Parameters of a lambda or a local function, with their brackets. */
export function parseParameters(cursor: Cursor): Parameter[] {
  const parameters: Parameter[] = [];
  cursor.expect("(");
  if (cursor.take(")")) return parameters;
  do parameters.push(parameter(cursor));
  while (cursor.take(","));
  cursor.expect(")");
  return parameters;
}

function parameter(cursor: Cursor): Parameter {
  const { start } = cursor.token;
  if (cursor.is("ref") || cursor.is("params")) cursor.fail(`'${cursor.token.text}' parameters are not supported`);
  const isOut = cursor.take("out");
  if (cursor.token.kind === "name" && (cursor.is(",", 1) || cursor.is(")", 1))) return bare(cursor);
  const type = cursor.grammar.type(cursor);
  const { text: name } = cursor.name("a parameter's name");
  const initial = cursor.take("=") ? cursor.grammar.expression(cursor) : null;
  return { name, type, initial, isOut, start, end: cursor.lastEnd };
}
