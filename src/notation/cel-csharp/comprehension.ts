import type { ASTNode } from "@marcbachmann/cel-js";
import { boolOf, type Scope, termOf } from "./scope.ts";
import { type Node, type Term, term, type TermType } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

const methods: ReadonlySet<string> = new Set(["exists", "all", "exists_one", "filter", "map"]);
const elements: Partial<Readonly<Record<TermType, TermType>>> = { strings: "string", ints: "int", bools: "bool" };
const lists: Partial<Readonly<Record<TermType, TermType>>> = { string: "strings", int: "ints", bool: "bools" };

/** `list.exists(x, …)` and its like, as LINQ. Undefined: it is none. */
export function comprehension(
  name: string,
  receiver: ASTNode,
  args: readonly ASTNode[],
  scope: Scope,
  offset: number,
): Term | undefined {
  const [variable, body] = args;
  if (!methods.has(name) || variable?.op !== "id" || body === undefined || args.length !== 2) return undefined;
  const source = listOf(scope.translate(receiver, scope), offset);
  const element = elements[source.type];
  if (element === undefined) throw new Untranslatable(`${name}() of ${source.type} has no counterpart`, offset);
  // Numbered: CEL may use one name in two comprehensions, and names that are words of C#.
  const own = `item${scope.bound.size + 1}`;
  const inner: Scope = {
    ...scope,
    bound: new Map([...scope.bound, [variable.args, term(element, own, null, ranged(source))]]),
  };
  const part = name === "map" ? termOf(body, inner) : boolOf(body, inner);
  if (part.defined !== null) throw new Untranslatable(`${name}() over something that may fail`, body.start);
  return looped(name, source, element, `${own} => ${part.code}`, part, offset);
}

function looped(name: string, source: Term, element: TermType, step: string, made: Term, offset: number): Term {
  const { code, defined } = source;
  switch (name) {
    case "exists":
      return term("bool", `(${code}).Any(${step})`, defined);
    case "all":
      return term("bool", `(${code}).All(${step})`, defined);
    case "exists_one":
      return term("bool", `((${code}).Count(${step}) == 1)`, defined);
    case "filter":
      return term(lists[element] ?? "strings", `(${code}).Where(${step}).ToArray()`, defined, ranged(source));
    default: {
      const type = lists[made.type];
      if (type === undefined)
        throw new Untranslatable("map() to something else than texts, whole numbers or bools", offset);
      return term(type, `(${code}).Select(${step}).ToArray()`, defined, ranged(made));
    }
  }
}

/** A map runs over its keys. */
function listOf(node: Node, offset: number): Term {
  if (node.kind === "term") return node;
  if (node.kind === "lookup" && node.keys !== undefined) return term("strings", node.keys, node.defined);
  throw new Untranslatable(`${node.name} cannot be run through`, offset);
}

function ranged({ range }: Term): Pick<Term, "range"> {
  return range === undefined ? {} : { range };
}
