import { dynamicAs } from "./compare.ts";
import { allDefined, type Term, term } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

/** What CEL takes off both ends; .NET's own list is another one. */
const spaces = [
  ..."\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
]
  .map((one) => `'\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}'`)
  .join(", ");

const places = { low: -1n, high: 2n ** 31n - 1n };

/** Methods of texts. They compare by code units, whatever the culture of the service is. */
export function stringCall(name: string, given: Term, args: readonly Term[], offset: number): Term {
  if (given.type === "strings" && name === "join") return join(given, args);
  const owner = dynamicAs(given, "string", offset);
  if (owner.type !== "string") throw new Untranslatable(`${name}() of ${given.type} has no counterpart`, offset);
  const { code } = owner;
  const [first, second] = args.map((arg) => (name === "substring" ? arg : dynamicAs(arg, "string", offset)));
  const defined = allDefined(owner.defined, ...args.map((arg) => arg.defined));
  const wrong = [first, second].some(
    (arg) => arg !== undefined && arg.type !== (name === "substring" ? "int" : "string"),
  );
  if (!wrong && args.length === 0) {
    if (name === "lowerAscii") return term("string", `${code}.ToLowerInvariant()`, defined);
    if (name === "upperAscii") return term("string", `${code}.ToUpperInvariant()`, defined);
    if (name === "trim") return term("string", `${code}.Trim(${spaces})`, defined);
  }
  if (!wrong && first !== undefined && args.length === 1) {
    if (name === "startsWith")
      return term("bool", `${code}.StartsWith(${first.code}, StringComparison.Ordinal)`, defined);
    if (name === "endsWith") return term("bool", `${code}.EndsWith(${first.code}, StringComparison.Ordinal)`, defined);
    if (name === "contains") return term("bool", `${code}.Contains(${first.code})`, defined);
    if (name === "indexOf") {
      return term("int", `((long)${code}.IndexOf(${first.code}, StringComparison.Ordinal))`, defined, {
        range: places,
      });
    }
    if (name === "split") return split(code, first, defined, offset);
  }
  if (!wrong && name === "substring" && first !== undefined) return substring(code, first, second, defined);
  throw new Untranslatable(`${name}() has no counterpart`, offset);
}

function join(given: Term, [separator]: readonly Term[]): Term {
  const between = separator?.code ?? '""';
  return term(
    "string",
    `string.Join(${between}, ${given.code})`,
    allDefined(given.defined, separator?.defined ?? null),
  );
}

/** By nothing, a text falls into its letters here, and stays whole there. */
function split(code: string, separator: Term, defined: Term["defined"], offset: number): Term {
  if (!/^"(?:[^"\\]|\\.)+"$/.test(separator.code))
    throw new Untranslatable("split() by something that is not written out", offset);
  return term("strings", `${code}.Split(new string[] { ${separator.code} }, StringSplitOptions.None)`, defined);
}

function substring(code: string, from: Term, to: Term | undefined, defined: Term["defined"]): Term {
  const start = `(int)${from.code}`;
  if (to === undefined) {
    const inside = `${from.code} >= 0L && ${from.code} <= ${code}.Length`;
    return term("string", `${code}.Substring(${start})`, allDefined(defined, inside));
  }
  const inside = `${from.code} >= 0L && ${to.code} >= ${from.code} && ${to.code} <= ${code}.Length`;
  return term("string", `${code}.Substring(${start}, (int)(${to.code} - ${from.code}))`, allDefined(defined, inside));
}
