import { isAlias, isCollection, isNode, isPair } from "yaml";

/** Moves a node, with all below it, to another place in the text. */
export function moveNodes(node: unknown, by: number): void {
  if (by === 0) return;
  if (isPair(node)) {
    moveNodes(node.key, by);
    moveNodes(node.value, by);
  } else if (isNode(node)) {
    // A list of its own: nodes may share theirs.
    if (node.range) node.range = [node.range[0] + by, node.range[1] + by, node.range[2] + by];
    if (isCollection(node)) for (const item of node.items) moveNodes(item, by);
  }
}

/** Anchors and aliases tie places of a text together that are far from each other. */
export function hasAnchors(node: unknown): boolean {
  if (isPair(node)) return hasAnchors(node.key) || hasAnchors(node.value);
  if (isAlias(node)) return true;
  if (!isNode(node)) return false;
  return node.anchor !== undefined || (isCollection(node) && node.items.some(hasAnchors));
}
