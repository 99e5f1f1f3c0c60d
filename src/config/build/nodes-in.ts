import type { Argument, PolicyDocument, PolicyNode } from "#model/policy-tree.ts";

/** All policies of a document, also those inside others. */
export function nodesIn(document: PolicyDocument): readonly PolicyNode[] {
  return Object.values(document).flatMap((nodes: readonly PolicyNode[] | undefined) =>
    (nodes ?? []).flatMap(withInner),
  );
}

function withInner(node: PolicyNode): readonly PolicyNode[] {
  return [node, ...Object.values(node.args).flatMap(inArgument)];
}

function inArgument(argument: Argument): readonly PolicyNode[] {
  if (argument.kind === "policies") return argument.policies.flatMap(withInner);
  if (argument.kind === "list") return argument.items.flatMap(inArgument);
  return argument.kind === "map" ? Object.values(argument.entries).flatMap(inArgument) : [];
}
