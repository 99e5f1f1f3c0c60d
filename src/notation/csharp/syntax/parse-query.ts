import type { Alias, Expr, Lambda, TypeSyntax } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

/** `from x in …`. */
export function isQuery(cursor: Cursor): boolean {
  if (!cursor.isWord("from")) return false;
  return cursor.peek(1).kind === "name" && cursor.is("in", 2) ? true : isTypedFrom(cursor);
}

function isTypedFrom(cursor: Cursor): boolean {
  if (cursor.peek(1).kind !== "name" && cursor.peek(1).kind !== "keyword") return false;
  let found = false;
  cursor.attempt(() => {
    cursor.next();
    cursor.grammar.type(cursor);
    found = cursor.token.kind === "name" && cursor.is("in", 1);
    return undefined;
  });
  return found;
}

/** The query so far: items, and how the clauses' names are found in each of them. */
interface Stage {
  source: Expr;
  /** The lambda's parameter, and the path below it of each name. */
  parameter: string;
  aliases: Alias[];
}

/** Query syntax is method calls (C# 7, §12.17.3); names that several clauses share travel in anonymous objects. */
export function parseQuery(cursor: Cursor): Expr {
  const { start } = cursor.token;
  const stage = from(cursor);
  for (;;) {
    if (cursor.isWord("select") || cursor.isWord("group")) {
      const result = cursor.takeWord("select") ? select(cursor, stage) : group(cursor, stage);
      if (!cursor.takeWord("into")) return { ...result, start, end: cursor.lastEnd };
      stage.source = result;
      stage.parameter = cursor.name("a name").text;
      stage.aliases = [];
    } else if (!clause(cursor, stage)) cursor.fail(`'select' is expected here, not ${cursor.found()}`);
  }
}

function from(cursor: Cursor): Stage {
  const { name, items } = generator(cursor, "from");
  return { source: items, parameter: name, aliases: [] };
}

/** `from [T] x in items`, `join [T] x in items`. */
function generator(cursor: Cursor, word: string): { name: string; items: Expr } {
  if (!cursor.takeWord(word)) cursor.fail(`'${word}' is expected here`);
  let type: TypeSyntax | null = null;
  if (!cursor.is("in", 1)) type = cursor.grammar.type(cursor);
  const { text: name } = cursor.name("a name");
  cursor.expect("in");
  const items = cursor.grammar.expression(cursor);
  return { name, items: type === null ? items : { ...call(items, "Cast", []), target: member(items, "Cast", [type]) } };
}

function clause(cursor: Cursor, stage: Stage): boolean {
  if (cursor.takeWord("where")) {
    stage.source = call(stage.source, "Where", [over(stage, cursor.grammar.expression(cursor))]);
  } else if (cursor.takeWord("orderby")) orderBy(cursor, stage);
  else if (cursor.takeWord("let")) {
    const { text: name } = cursor.name("a name");
    cursor.expect("=");
    const value = cursor.grammar.expression(cursor);
    stage.source = call(stage.source, "Select", [over(stage, pair(stage, name, value))]);
    widen(stage, name);
  } else if (cursor.isWord("from")) another(cursor, stage);
  else if (cursor.isWord("join")) join(cursor, stage);
  else return false;
  return true;
}

function select(cursor: Cursor, stage: Stage): CallExpr {
  return call(stage.source, "Select", [over(stage, cursor.grammar.expression(cursor))]);
}

function group(cursor: Cursor, stage: Stage): CallExpr {
  cursor.next();
  const element = over(stage, cursor.grammar.expression(cursor));
  if (!cursor.takeWord("by")) cursor.fail("'by' is expected here");
  return call(stage.source, "GroupBy", [over(stage, cursor.grammar.expression(cursor)), element]);
}

function orderBy(cursor: Cursor, stage: Stage): void {
  let verb = "OrderBy";
  do {
    const key = over(stage, cursor.grammar.expression(cursor));
    const isDescending = cursor.takeWord("descending");
    if (!isDescending) cursor.takeWord("ascending");
    stage.source = call(stage.source, isDescending ? `${verb}Descending` : verb, [key]);
    verb = "ThenBy";
  } while (cursor.take(","));
}

function another(cursor: Cursor, stage: Stage): void {
  const { name, items } = generator(cursor, "from");
  const combine = over(stage, pair(stage, name, nameOf(name, items)), name);
  stage.source = call(stage.source, "SelectMany", [over(stage, items), combine]);
  widen(stage, name);
}

function join(cursor: Cursor, stage: Stage): void {
  const { name, items } = generator(cursor, "join");
  if (!cursor.takeWord("on")) cursor.fail("'on' is expected here");
  const outer = over(stage, cursor.grammar.expression(cursor));
  if (!cursor.takeWord("equals")) cursor.fail("'equals' is expected here");
  const inner = lambda([name], cursor.grammar.expression(cursor), []);
  const into = cursor.takeWord("into") ? cursor.name("a name").text : name;
  const combine = over(stage, pair(stage, into, nameOf(into, items)), into);
  stage.source = call(stage.source, into === name ? "Join" : "GroupJoin", [items, outer, inner, combine]);
  widen(stage, into);
}

/** The names so far move one level down, beside the new one. */
function widen(stage: Stage, name: string): void {
  const inner = stage.aliases.length > 0 ? stage.aliases : [{ name: stage.parameter, path: [] }];
  stage.aliases = [
    ...inner.map((alias) => ({ name: alias.name, path: ["outer", ...alias.path] })),
    { name, path: ["inner"] },
  ];
  stage.parameter = "<row>";
}

function pair(stage: Stage, _name: string, value: Expr): Expr {
  const members = [
    { name: "outer", value: nameOf(stage.parameter, value) },
    { name: "inner", value },
  ];
  return { kind: "anonymous", members, start: value.start, end: value.end };
}

function over(stage: Stage, body: Expr, second?: string): Lambda {
  return lambda(second === undefined ? [stage.parameter] : [stage.parameter, second], body, stage.aliases);
}

function lambda(names: readonly string[], body: Expr, aliases: readonly Alias[]): Lambda {
  const { start, end } = body;
  const parameters = names.map((name) => ({ name, type: null, initial: null, isOut: false, start, end }));
  return { kind: "lambda", parameters, body, aliases, start, end };
}

function nameOf(name: string, at: Expr): Expr {
  return { kind: "name", name, args: [], start: at.start, end: at.end };
}

type CallExpr = Extract<Expr, { kind: "call" }>;

function call(target: Expr, name: string, values: readonly Expr[]): CallExpr {
  const args = values.map((value) => ({ name: null, modifier: null, value, start: value.start, end: value.end }));
  return { kind: "call", target: member(target, name, []), args, start: target.start, end: target.end };
}

function member(target: Expr, name: string, args: readonly TypeSyntax[]): Expr {
  return { kind: "member", target, name, args, nameAt: target.end, start: target.start, end: target.end };
}
