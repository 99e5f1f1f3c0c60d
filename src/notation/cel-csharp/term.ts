import { Untranslatable } from "./untranslatable.ts";

export type TermType =
  | "string"
  | "int"
  | "double"
  | "bool"
  | "null"
  | "timestamp"
  | "duration"
  | "strings"
  | "ints"
  | "bools"
  /** A token of a body: `JToken`. */
  | "json"
  | "dyn";

/** C# that gives what an expression of CEL gives. */
export interface Term {
  readonly kind: "term";
  readonly type: TermType;
  /** Something that members and operators can be put behind. Throws where CEL fails. */
  readonly code: string;
  /**
   * Whether `code` gives a value, as a bool of C# that never throws; null: it always does; false: there is no asking,
   * it has to be tried.
   */
  readonly defined: string | null | false;
  /** Of a bool that may fail: the same as `bool?`, null where it fails. Absent: made of `code` and `defined`. */
  readonly maybe?: string;
  /** Of an int, or of each in a list: what it can be at least and at most. */
  readonly range?: Range;
}

export interface Range {
  readonly low: bigint;
  readonly high: bigint;
}

/** Something with members that is no value by itself: `request`, `subscription`. */
export interface Thing {
  readonly kind: "thing";
  readonly name: string;
  /** Whether it is there, as a bool of C#; null: it always is. */
  readonly present: string | null;
  readonly members: Readonly<Record<string, () => Node>>;
}

/** Something that is looked up by keys: header fields, variables. */
export interface Lookup {
  readonly kind: "lookup";
  readonly name: string;
  readonly defined: string | null | false;
  readonly has: (key: string) => string;
  readonly at: (key: string) => Term;
  /** Names of all entries, as an array; absent: nobody lists them. */
  readonly keys?: string;
  /** Upper or lower case of a key that is written out is the same. */
  readonly foldsCase?: true;
}

export type Node = Term | Thing | Lookup;

const maxTerm = 65_536;

export const longRange: Range = { low: -(2n ** 63n), high: 2n ** 63n - 1n };

export function term(
  type: TermType,
  code: string,
  defined: Term["defined"] = null,
  more: Partial<Pick<Term, "maybe" | "range">> = {},
): Term {
  // Some parts stand several times in what is made of them: an expression is not to grow beyond all bounds.
  if (code.length > maxTerm) throw new Untranslatable("it becomes too long in C#", 0);
  return { kind: "term", type, code, defined, ...more };
}

/** What one of several can be; none where one may be anything. */
export function wholeRange(terms: readonly Term[]): Pick<Term, "range"> {
  const ranges = terms.map(({ range }) => range);
  const known = ranges.filter((range) => range !== undefined);
  const [first, ...more] = known;
  if (first === undefined || known.length < ranges.length) return {};
  const range = more.reduce(
    (a, b) => ({ low: a.low < b.low ? a.low : b.low, high: a.high > b.high ? a.high : b.high }),
    first,
  );
  return { range };
}

/** Of several operands: defined where all are, asked from left to right. */
export function allDefined(...parts: readonly Term["defined"][]): Term["defined"] {
  if (parts.includes(false)) return false;
  const asked = parts.filter((part) => typeof part === "string");
  return asked.length === 0 ? null : asked.join(" && ");
}

/** The bool as `bool?`. @throws Untranslatable where there is no asking whether it fails */
export function maybeOf({ code, defined, maybe }: Term, offset: number): string {
  if (maybe !== undefined) return maybe;
  if (defined === null) return `((bool?)${code})`;
  if (defined === false) throw new Untranslatable("what may fail stands beside something else that may", offset);
  return `(${defined} ? (bool?)${code} : (bool?)null)`;
}

/** @throws Untranslatable for what is no value by itself */
export function asTerm(node: Node, offset: number): Term {
  if (node.kind === "term") return node;
  throw new Untranslatable(`${node.name} as a whole has no counterpart`, offset);
}
