import { allDefined, maybeOf, type Term, term, wholeRange } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

/**
 * `&&` and `||` of CEL, where one side may decide though the other one fails. What cannot fail is asked first; where
 * both may, both are asked as `bool?`, whose `&` and `|` have null where CEL has an error.
 */
export function logical(op: "&&" | "||", left: Term, right: Term, offset: number): Term {
  if (left.defined !== null && right.defined === null) return logical(op, right, left, offset);
  if (left.defined === null) return shortCircuit(op, left, right, offset);
  const maybe = `(${maybeOf(left, offset)} ${op === "&&" ? "&" : "|"} ${maybeOf(right, offset)})`;
  return term("bool", `${maybe}.Value`, `${maybe} != null`, { maybe });
}

function shortCircuit(op: "&&" | "||", left: Term, right: Term, offset: number): Term {
  const code = `(${left.code} ${op} ${right.code})`;
  if (right.defined === null) return term("bool", code);
  if (right.defined === false) return term("bool", code, false);
  const decided = op === "&&" ? `!${left.code}` : left.code;
  const [yes, no] = [maybeOf(right, offset), `(bool?)${op === "||"}`];
  const maybe = `(${left.code} ? ${op === "&&" ? `${yes} : ${no}` : `${no} : ${yes}`})`;
  return term("bool", code, `(${decided} || ${right.defined})`, { maybe });
}

export function negation(operand: Term): Term {
  const { code, defined, maybe } = operand;
  return term("bool", `(!${code})`, defined, maybe === undefined ? {} : { maybe: `(!${maybe})` });
}

export function choice(condition: Term, yes: Term, no: Term, offset: number): Term {
  if (yes.type !== no.type) throw new Untranslatable("the two sides of ? : are of different types", offset);
  const code = `(${condition.code} ? ${yes.code} : ${no.code})`;
  return term(yes.type, code, definedChoice(condition, yes, no), wholeRange([yes, no]));
}

function definedChoice(condition: Term, yes: Term, no: Term): Term["defined"] {
  if (yes.defined === null && no.defined === null) return condition.defined;
  if (yes.defined === false || no.defined === false) return false;
  const chosen = `(${condition.code} ? ${yes.defined ?? "true"} : ${no.defined ?? "true"})`;
  return allDefined(condition.defined, chosen);
}
