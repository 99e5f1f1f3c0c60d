import type { RouteNode } from "#model/snapshot.ts";
import { invalid } from "./invalid.ts";

/** Most nodes that any request may make the router visit in one trie. Usual definitions stay below 50. */
export const maxVisits = 1024;

/**
 * An upper bound of the nodes that the router visits for any path. Where a literal and a parameter both fit, it may
 * have to try both: templates that do so on every segment double the work with each, and a client picks the path.
 * The number of literal siblings does not matter; of segments that are partly text, each is one that may fit.
 */
export function visitBound(node: RouteNode): number {
  let widest = 0;
  for (const child of node.literals?.values() ?? []) widest = Math.max(widest, visitBound(child));
  let version = node.versions?.fallback ? visitBound(node.versions.fallback) : 0;
  for (const child of node.versions?.nodes.values() ?? []) version = Math.max(version, visitBound(child));
  let patterns = 0;
  for (const pattern of node.patterns ?? []) patterns += visitBound(pattern.node);
  return 1 + widest + version + patterns + (node.parameter === null ? 0 : visitBound(node.parameter.node));
}

/** @throws GatewayError `definition-invalid` when some path could cost more than {@link maxVisits}. */
export function assertBounded(trie: RouteNode, where: string): void {
  const bound = visitBound(trie);
  if (bound <= maxVisits) return;
  throw invalid(
    `the templates of ${where} overlap too much: a request could try ${bound} places, ${maxVisits} are allowed; ` +
      "use fewer parameters beside literal segments",
  );
}
