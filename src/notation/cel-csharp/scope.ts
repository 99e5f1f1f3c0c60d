import type { ASTNode } from "@marcbachmann/cel-js";
import { dynamicAs } from "./compare.ts";
import type { NamesKnown } from "./names.ts";
import { asTerm, type Node, type Term } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

/** What the names of an expression are, on the way down. */
export interface Scope {
  readonly known: NamesKnown;
  /** Variables of comprehensions around it. */
  readonly bound: ReadonlyMap<string, Node>;
  /** Nodes hold nodes: their translators reach each other through this. @throws Untranslatable */
  readonly translate: (node: ASTNode, scope: Scope) => Node;
}

export function termOf(node: ASTNode, scope: Scope): Term {
  return asTerm(scope.translate(node, scope), node.start);
}

/** Where a bool is due, a value of any type is one or fails. */
export function boolOf(node: ASTNode, scope: Scope): Term {
  const found = dynamicAs(termOf(node, scope), "bool", node.start);
  if (found.type !== "bool") throw new Untranslatable("a bool is due here", node.start);
  return found;
}
