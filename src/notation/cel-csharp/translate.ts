import { parseCel } from "#notation/cel/parse.ts";
import { dynamicAs } from "./compare.ts";
import type { NamesKnown } from "./names.ts";
import { translateNode } from "./node.ts";
import { boolOf, type Scope, termOf } from "./scope.ts";
import type { Term } from "./term.ts";
import { textOf } from "./text.ts";
import { Untranslatable } from "./untranslatable.ts";

/**
 * What is made of a result: a bool for a condition; text as this gateway writes it; an int; whole seconds of a number or
 * of a duration; the value with its type.
 */
export type Wanted = "bool" | "text" | "int" | "seconds" | "any";

/** Longest expression of C#: past it nobody reads what was made. */
const maxLength = 16_000;

/** @throws Untranslatable what has no counterpart, and where in `source` */
export function translateTerm(source: string, wanted: Wanted, known: NamesKnown): Term {
  const parsed = parseCel(source);
  if (!parsed.ok) throw new Untranslatable(parsed.problem.message, parsed.problem.offset);
  const { ast } = parsed.expression;
  const scope: Scope = { known, bound: new Map(), translate: translateNode };
  const found = wanted === "bool" ? boolOf(ast, scope) : as(wanted, termOf(ast, scope));
  if (found.code.length > maxLength)
    throw new Untranslatable(`it becomes longer than ${maxLength} characters of C#`, 0);
  return found;
}

function as(wanted: Exclude<Wanted, "bool">, value: Term): Term {
  if (wanted === "text") return textOf(value, 0);
  if (wanted === "any") return value;
  if (wanted === "seconds" && value.type === "duration")
    return { ...value, type: "int", code: `(int)${value.code}.TotalSeconds` };
  const number = dynamicAs(value, "int", 0);
  if (number.type !== "int") throw new Untranslatable(`a whole number is due, and this is ${value.type}`, 0);
  // Attributes that count take an int there.
  return { ...number, code: `(int)${number.code}` };
}

/** One expression of CEL as one of C#, with its mark: `@(…)`. @throws Untranslatable */
export function translateCel(source: string, wanted: Wanted, known: NamesKnown): string {
  return `@(${withoutParentheses(translateTerm(source, wanted, known).code)})`;
}

/** A pair around the whole says nothing. */
function withoutParentheses(code: string): string {
  if (!code.startsWith("(") || !code.endsWith(")")) return code;
  let depth = 0;
  for (let at = 0; at < code.length; at += 1) {
    const one = code[at] as string;
    if (one === '"' || one === "'") at = endOfLiteral(code, at);
    depth += one === "(" ? 1 : one === ")" ? -1 : 0;
    if (depth === 0 && at < code.length - 1) return code;
  }
  return code.slice(1, -1);
}

function endOfLiteral(code: string, start: number): number {
  let at = start + 1;
  while (code[at] !== code[start]) at += code[at] === "\\" ? 2 : 1;
  return at;
}
