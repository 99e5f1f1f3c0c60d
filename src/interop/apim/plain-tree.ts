import type { Argument, PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import { canonicalJson } from "#compile/canonical.ts";

/**
 * A policy document for comparing: what it says, in one spelling. White space, comments, the order of attributes, places
 * and defaults that are written out make no difference.
 */
export function plainDocument(document: PolicyDocument): string {
  return canonicalJson(
    Object.fromEntries(Object.entries(document).map(([section, nodes]) => [section, nodes.map(plainNode)])),
  );
}

function plainNode(node: PolicyNode): PolicyNode {
  return { ...node, args: plainEntries(node.args) };
}

function plainEntries(entries: Readonly<Record<string, Argument>>): Readonly<Record<string, Argument>> {
  return Object.fromEntries(Object.entries(entries).map(([name, argument]) => [name, plain(argument)]));
}

/** A text with holes may be read as one that is still to be filled in, and is the same text. */
function plain(argument: Argument): Argument {
  switch (argument.kind) {
    case "template": {
      const [only, ...more] = argument.parts;
      return typeof only === "string" && more.length === 0 ? { kind: "literal", value: only } : argument;
    }
    case "list":
      return { kind: "list", items: argument.items.map(plain) };
    case "map":
      return { kind: "map", entries: plainEntries(argument.entries) };
    case "policies":
      return { kind: "policies", policies: argument.policies.map(plainNode) };
    default:
      return argument;
  }
}
