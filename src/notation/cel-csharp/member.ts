import type { ASTNode } from "@marcbachmann/cel-js";
import { dynamicAs } from "./compare.ts";
import { jsonMember } from "./json.ts";
import { noteMember, receivedField } from "./names.ts";
import { noPrincipal } from "./principal.ts";
import { quote } from "./quote.ts";
import { type Scope, termOf } from "./scope.ts";
import { allDefined, type Lookup, type Node, type Term, term, type TermType } from "./term.ts";
import { Untranslatable } from "./untranslatable.ts";

type Access = Extract<ASTNode, { readonly op: "." | "[]" | ".?" | "[?]" }>;

/** `a.b` and `a["b"]`. */
export function memberOf(node: Access, scope: Scope): Node {
  const owner = scope.translate(node.args[0], scope);
  if (owner.kind === "thing") return fieldOf(owner, node, scope);
  const key = keyOf(node, scope);
  if (owner.kind === "lookup") return lookUp(owner, key, node.start);
  return elementOf(owner, key, node);
}

function fieldOf(owner: Extract<Node, { kind: "thing" }>, node: Access, scope: Scope): Node {
  const [, name] = node.args;
  if (typeof name !== "string") throw new Untranslatable(`${owner.name} is looked up by a key`, node.start);
  const member = Object.hasOwn(owner.members, name) ? owner.members[name] : undefined;
  if (member !== undefined) {
    noteMember(owner.name, name, scope.known);
    return member();
  }
  if (owner.name === "principal") return noPrincipal(name, scope.known, node.start);
  throw new Untranslatable(`${owner.name}.${name} has no counterpart in API Management`, node.start);
}

function keyOf(node: Access, scope: Scope): Term {
  const [, key] = node.args;
  return typeof key === "string" ? term("string", quote(key)) : termOf(key, scope);
}

/** The entry of a key that may be missing. */
export function lookUp(owner: Lookup, given: Term, offset: number): Term {
  const key = dynamicAs(given, "string", offset);
  if (key.type !== "string")
    throw new Untranslatable(`${owner.name} is looked up by something that is no text`, offset);
  const found = owner.at(key.code);
  return { ...found, defined: allDefined(key.defined, found.defined) };
}

const elements: Partial<Readonly<Record<TermType, TermType>>> = { strings: "string", ints: "int", bools: "bool" };

function elementOf(owner: Term, key: Term, node: Access): Node {
  const [, field] = node.args;
  if (owner.type === "json") return jsonElement(owner, node);
  if (owner.type === "dyn" && typeof field === "string") {
    const found = receivedField(owner, field);
    if (found !== undefined) return found;
  }
  const type = elements[owner.type];
  if (type === undefined || key.type !== "int") {
    throw new Untranslatable(
      `a member of ${owner.type === "dyn" ? "a value of any type" : owner.type} has no counterpart`,
      node.start,
    );
  }
  const inside = `${key.code} >= 0L && ${key.code} < (${owner.code}).Length`;
  return term(type, `(${owner.code})[(int)${key.code}]`, allDefined(owner.defined, key.defined, inside));
}

/** By a name or a place that is written out. */
function jsonElement(owner: Term, node: Access): Term {
  const [, field] = node.args;
  if (typeof field === "string") return jsonMember(owner, field);
  const key = field.op === "value" ? field.args : undefined;
  if (typeof key === "string" || (typeof key === "bigint" && key >= 0n)) return jsonMember(owner, key);
  throw new Untranslatable("a member of JSON whose name is computed", node.start);
}
