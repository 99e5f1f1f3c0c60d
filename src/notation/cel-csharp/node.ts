import type { ASTNode } from "@marcbachmann/cel-js";
import { negative, numeric } from "./arithmetic.ts";
import { callOf } from "./call.ts";
import { compare, dynamicAs } from "./compare.ts";
import { choice, logical, negation } from "./logic.ts";
import { memberOf } from "./member.ts";
import { nodeOf } from "./names.ts";
import { quote } from "./quote.ts";
import { boolOf, type Scope, termOf } from "./scope.ts";
import { allDefined, asTerm, type Node, type Term, term, type TermType, wholeRange } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

/** @throws Untranslatable with the place of what has no counterpart */
export function translateNode(node: ASTNode, scope: Scope): Node {
  switch (node.op) {
    case "value":
      return literal(node.args, node.start);
    case "id":
      return named(node.args, scope, node.start);
    case ".":
    case "[]":
      return memberOf(node, scope);
    case "rcall":
    case "call":
      return callOf(node, scope);
    case "list":
      return listOf(node.args, scope, node.start);
    case "?:":
      return choice(boolOf(node.args[0], scope), termOf(node.args[1], scope), termOf(node.args[2], scope), node.start);
    case "&&":
    case "||":
      return logical(node.op, boolOf(node.args[0], scope), boolOf(node.args[1], scope), node.start);
    case "!_":
      return negation(boolOf(node.args, scope));
    case "-_":
      return negative(termOf(node.args, scope), node.start);
    case "==":
    case "!=":
    case "<":
    case "<=":
    case ">":
    case ">=":
      return comparison(node.op, node.args[0], node.args[1], scope, node.start);
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return calculated(node.op, termOf(node.args[0], scope), termOf(node.args[1], scope), node.start);
    case "in":
      return contained(node.args[0], node.args[1], scope, node.start);
    default:
      throw new Untranslatable(`${shownOperator(node.op)} has no counterpart`, node.start);
  }
}

function shownOperator(op: string): string {
  const words: Readonly<Record<string, string>> = { map: "a map that is written out", ".?": ".?", "[?]": "[?]" };
  return words[op] ?? op;
}

function literal(value: unknown, offset: number): Term {
  if (typeof value === "string") return term("string", quote(value));
  if (typeof value === "boolean") return term("bool", value ? "true" : "false");
  if (value === null) return term("null", "null");
  if (typeof value === "bigint") {
    const code = value === -(2n ** 63n) ? "long.MinValue" : value < 0n ? `(${value}L)` : `${value}L`;
    return term("int", code, null, { range: { low: value, high: value } });
  }
  if (typeof value === "number" && Number.isFinite(value))
    return term("double", value < 0 ? `(${real(value)})` : real(value));
  throw new Untranslatable("this literal has no counterpart", offset);
}

/** With a mark of its type: `2` would be an int. */
function real(value: number): string {
  return `${value}d`.replace("e+", "e");
}

function named(name: string, { known, bound }: Scope, offset: number): Node {
  const found = bound.get(name) ?? nodeOf(name, known);
  if (found === undefined) throw new Untranslatable(`${name} has no counterpart`, offset);
  return found;
}

const listTypes: Partial<Readonly<Record<TermType, TermType>>> = { string: "strings", int: "ints", bool: "bools" };

function listOf(items: readonly ASTNode[], scope: Scope, offset: number): Term {
  const terms = items.map((item) => termOf(item, scope));
  const [first] = terms;
  if (first === undefined) return term("strings", "new string[0]");
  const type = listTypes[first.type];
  if (type === undefined || terms.some((one) => one.type !== first.type)) {
    throw new Untranslatable("a list of other things than texts, whole numbers or bools has no counterpart", offset);
  }
  const element = { strings: "string", ints: "long", bools: "bool" }[type as "strings"];
  return term(
    type,
    `new ${element}[] { ${terms.map(({ code }) => code).join(", ")} }`,
    allDefined(...terms.map(({ defined }) => defined)),
    wholeRange(terms),
  );
}

function comparison(
  op: "==" | "!=" | "<" | "<=" | ">" | ">=",
  a: ASTNode,
  b: ASTNode,
  scope: Scope,
  offset: number,
): Term {
  const [left, right] = [scope.translate(a, scope), scope.translate(b, scope)];
  const presence = presenceOf(op, left, right) ?? presenceOf(op, right, left);
  return presence ?? compare(op, asTerm(left, a.start), asTerm(right, b.start), offset);
}

/** `subscription == null`. */
function presenceOf(op: string, thing: Node, other: Node): Term | undefined {
  if (thing.kind !== "thing" || thing.present === null || other.kind !== "term" || other.type !== "null")
    return undefined;
  if (op !== "==" && op !== "!=") return undefined;
  return term("bool", op === "!=" ? `(${thing.present})` : `(!(${thing.present}))`);
}

function calculated(op: "+" | "-" | "*" | "/" | "%", left: Term, right: Term, offset: number): Term {
  const [a, b] = settled(op, left, right, offset);
  const defined = allDefined(a.defined, b.defined);
  if (op === "+" && a.type === "string" && b.type === "string")
    return term("string", `(${a.code} + ${b.code})`, defined);
  const number = numeric(op, a, b, offset);
  if (number !== undefined) return number;
  const moment = temporal(op, a, b);
  if (moment === undefined) throw new Untranslatable(`${a.type} ${op} ${b.type} has no counterpart`, offset);
  return term(moment, `(${a.code} ${op} ${b.code})`, defined);
}

/** A value of any type takes the type of the other side. */
function settled(op: string, left: Term, right: Term, offset: number): readonly [Term, Term] {
  if (left.type === "dyn" && right.type === "dyn") throw new Untranslatable(`${op} of two values of any type`, offset);
  return [dynamicAs(left, right.type, offset), dynamicAs(right, left.type, offset)];
}

function temporal(op: string, { type: a }: Term, { type: b }: Term): TermType | undefined {
  if (a === "timestamp" && b === "timestamp") return op === "-" ? "duration" : undefined;
  if (op !== "+" && op !== "-") return undefined;
  if (a === "timestamp" && b === "duration") return "timestamp";
  return a === "duration" && b === "duration" ? "duration" : undefined;
}

function contained(item: ASTNode, list: ASTNode, scope: Scope, offset: number): Term {
  const inside = scope.translate(list, scope);
  if (inside.kind === "thing") throw new Untranslatable(`${inside.name} as a whole has no counterpart`, offset);
  const one = termOf(item, scope);
  if (inside.kind === "lookup") {
    const key = dynamicAs(one, "string", offset);
    if (key.type !== "string") throw new Untranslatable("a key that is no text", offset);
    return term("bool", inside.has(key.code), allDefined(key.defined, inside.defined));
  }
  const type = { strings: "string", ints: "int", bools: "bool" }[inside.type as "strings"] as TermType | undefined;
  if (type === undefined) throw new Untranslatable(`in ${inside.type} has no counterpart`, offset);
  const defined = allDefined(one.defined, inside.defined);
  const contains = (code: string): string => `(${inside.code}).Contains(${code})`;
  if (one.type === type) return term("bool", contains(one.code), defined);
  if (one.type === "json" && type === "string") {
    return term("bool", `(${one.code}.Type == JTokenType.String && ${contains(`(string)${one.code}`)})`, false);
  }
  if (one.type !== "dyn" || type !== "string") throw new Untranslatable(`${one.type} in a list of ${type}`, offset);
  return term("bool", `(${one.code} is string && ${contains(`(string)${one.code}`)})`, defined);
}
