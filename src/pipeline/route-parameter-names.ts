import type { RouteNode, RouterTable } from "#model/snapshot.ts";

/** By route id, in the order of the template. A table without names of its own has those of its nodes. */
export function routeParameterNames(table: RouterTable): readonly (readonly string[])[] {
  if (table.parameterNames !== undefined) return table.parameterNames;
  const names: (readonly string[])[] = [];
  for (const trie of table.tries) collect(trie, [], names);
  return names;
}

function collect(node: RouteNode, above: readonly string[], into: (readonly string[])[]): void {
  for (const route of node.methods?.values() ?? []) into[route] = above;
  for (const child of node.literals?.values() ?? []) collect(child, above, into);
  for (const child of node.versions?.nodes.values() ?? []) collect(child, above, into);
  if (node.versions?.fallback) collect(node.versions.fallback, above, into);
  for (const pattern of node.patterns ?? []) collect(pattern.node, [...above, ...pattern.names], into);
  if (node.parameter !== null) collect(node.parameter.node, [...above, node.parameter.name], into);
  if (node.rest === null) return;
  for (const route of node.rest.methods.values()) into[route] = [...above, node.rest.name];
}
