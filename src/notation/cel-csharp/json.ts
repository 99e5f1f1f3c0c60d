import { quote } from "./quote.ts";
import { type Term, term, type TermType } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

/** A body that is JSON. Whether it is, and has a member, is found out by trying: there is no asking before. */
export function jsonOf(body: string): Term {
  return term("json", `${body}.As<JToken>(preserveContent: true)`, false);
}

/** A member that has to be there. */
export function jsonMember({ code }: Term, key: string | bigint): Term {
  return term("json", `${code}.SelectToken(${pathTo(key)}, true)`, false);
}

export function hasJsonMember({ code }: Term, key: string): Term {
  return term("bool", `(${code}.SelectToken(${pathTo(key)}) != null)`, false);
}

/** `['a']` or `[0]`, as a string of C#. */
function pathTo(key: string | bigint): string {
  return quote(typeof key === "bigint" ? `[${key}]` : `['${key.replace(/[\\']/g, (one) => `\\${one}`)}']`);
}

const isNumber = (code: string): string => `(${code}.Type == JTokenType.Integer || ${code}.Type == JTokenType.Float)`;

/** Where CEL takes one type alone: anything else throws. */
export function jsonAs({ code }: Term, type: TermType, offset: number): Term {
  if (type === "string") return term("string", `((string)((JValue)${code}).Value).ToString()`, false);
  if (type === "bool") return term("bool", `((bool)((JValue)${code}).Value)`, false);
  if (type === "double") return term("double", `((double)(${isNumber(code)} ? ${code} : null))`, false);
  throw new Untranslatable(`JSON is used as ${type}`, offset);
}

/** Equality of other types is false. Numbers are doubles here, as JSON has them. */
export function equalsJson({ code }: Term, other: Term, offset: number): string {
  switch (other.type) {
    case "string":
      return `${code}.Type == JTokenType.String && (string)${code} == ${other.code}`;
    case "bool":
      return `${code}.Type == JTokenType.Boolean && (bool)${code} == ${other.code}`;
    case "int":
    case "double":
      return `${isNumber(code)} && (double)${code} == ${other.type === "int" ? `(double)${other.code}` : other.code}`;
    case "null":
      return `${code}.Type == JTokenType.Null`;
    default:
      throw new Untranslatable(`JSON is compared with ${other.type}`, offset);
  }
}

/** Ordered by numbers, or by texts. */
export function orderable(json: Term, other: Term, op: string, offset: number): Term {
  if (other.type === "string") return jsonAs(json, "string", offset);
  if (other.type === "int" || other.type === "double") return jsonAs(json, "double", offset);
  throw new Untranslatable(`JSON ${op} ${other.type}`, offset);
}

/** As this gateway writes it: `true`, nothing for null, objects and lists on one line. */
export function jsonText({ code }: Term): Term {
  const written = `(${code} is JValue ? ${code}.ToString() : ${code}.ToString(Formatting.None))`;
  return term(
    "string",
    `(${code}.Type == JTokenType.Boolean ? ((bool)${code} ? "true" : "false") : ${written})`,
    false,
  );
}
