import { allDefined, type Term, term, type TermType } from "./term.ts";
import { equalsJson, jsonAs, orderable } from "./json.ts";
import { Untranslatable } from "./untranslatable.ts";

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** Past this, a double is not every whole number. */
const exact = 2n ** 53n;

export function compare(op: Comparison, left: Term, right: Term, offset: number): Term {
  const isEquality = op === "==" || op === "!=";
  if (left.type === "json" || right.type === "json") return withJson(op, left, right, offset);
  if (left.type === "dyn" && right.type !== "dyn") return withDynamic(op, left, right, false, offset);
  if (right.type === "dyn" && left.type !== "dyn") return withDynamic(op, right, left, true, offset);
  const defined = allDefined(left.defined, right.defined);
  if (left.type === "null" || right.type === "null") {
    if (left.type === "null" && right.type === "null" && isEquality)
      return term("bool", op === "==" ? "true" : "false");
    throw new Untranslatable("null is compared with something that is never null", offset);
  }
  const [a, b] = sameNumbers(left, right, offset);
  if (a.type !== b.type || /s$|dyn/.test(a.type))
    throw new Untranslatable(`${shown(left)} ${op} ${shown(right)} has no counterpart`, offset);
  if (isEquality) return term("bool", `(${a.code} ${op} ${b.code})`, defined);
  if (a.type === "string") return term("bool", `(string.CompareOrdinal(${a.code}, ${b.code}) ${op} 0)`, defined);
  if (a.type === "bool") throw new Untranslatable("bools have no order there", offset);
  return term("bool", `(${a.code} ${op} ${b.code})`, defined);
}

function shown({ type }: Term): string {
  return type === "strings" || type === "ints" || type === "bools"
    ? "a list"
    : type === "dyn"
      ? "a value of any type"
      : type;
}

function sameNumbers(left: Term, right: Term, offset: number): readonly [Term, Term] {
  if (left.type === "int" && right.type === "double") return [asDouble(left, offset), right];
  if (left.type === "double" && right.type === "int") return [left, asDouble(right, offset)];
  return [left, right];
}

function asDouble({ code, defined, range }: Term, offset: number): Term {
  if (range === undefined || range.low < -exact || range.high > exact) {
    throw new Untranslatable("a large whole number is compared with a double", offset);
  }
  return term("double", `((double)${code})`, defined);
}

function withJson(op: Comparison, left: Term, right: Term, offset: number): Term {
  const [json, other] = left.type === "json" ? [left, right] : [right, left];
  if (op === "==" || op === "!=") {
    const code = `(${equalsJson(json, other, offset)})`;
    return term("bool", op === "==" ? code : `(!${code})`, false);
  }
  const ordered = orderable(json, other, op, offset);
  return left === json ? compare(op, ordered, right, offset) : compare(op, left, ordered, offset);
}

/** Boxed values are equal where their types are, and equality of other types is false. */
function withDynamic(op: Comparison, dynamic: Term, typed: Term, isSwapped: boolean, offset: number): Term {
  if (op === "==" || op === "!=") {
    const code = `(${equalsDynamic(dynamic, typed, offset)})`;
    return term("bool", op === "==" ? code : `(!${code})`, allDefined(dynamic.defined, typed.defined));
  }
  const cast = dynamicAs(dynamic, typed.type, offset);
  return isSwapped ? compare(op, typed, cast, offset) : compare(op, cast, typed, offset);
}

function equalsDynamic({ code }: Term, typed: Term, offset: number): string {
  if (typed.type === "null") return `${code} == null`;
  if (typed.type === "int") {
    return `${code} is int ? (int)${code} == ${typed.code} : ${code} is long && (long)${code} == ${typed.code}`;
  }
  const type = netTypes[typed.type];
  if (type === undefined) throw new Untranslatable(`a value of any type is compared with ${shown(typed)}`, offset);
  return `${code} is ${type} && (${type})${code} == ${typed.code}`;
}

const netTypes: Partial<Readonly<Record<TermType, string>>> = { string: "string", bool: "bool" };

/** A value of any type where CEL takes one type alone. */
export function dynamicAs(value: Term, type: TermType, offset: number): Term {
  if (value.type === "json" && type !== "json") return jsonAs(value, type, offset);
  if (value.type !== "dyn") return value;
  const { code, defined } = value;
  if (type === "int") {
    const number = `(${code} is int ? (long)(int)${code} : (long)${code})`;
    return term("int", number, allDefined(defined, `(${code} is int || ${code} is long)`));
  }
  const net = netTypes[type];
  if (net === undefined) throw new Untranslatable(`a value of any type is used as ${type}`, offset);
  return term(type, `((${net})${code})`, allDefined(defined, `${code} is ${net}`));
}
