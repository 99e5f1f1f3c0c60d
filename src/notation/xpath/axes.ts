import type { Meter } from "#notation/dom/meter.ts";
import { type DomNode, walk } from "#notation/dom/node.ts";
import type { Axis } from "./ast.ts";

type Nodes = Iterable<DomNode>;

/** Those that go against the order of the document. */
export const reverseAxes: ReadonlySet<Axis> = new Set<Axis>([
  "ancestor",
  "ancestor-or-self",
  "preceding",
  "preceding-sibling",
]);

/** Nodes on an axis, the nearest first. The tree is numbered. */
export const axisNodes: Readonly<Record<Axis, (node: DomNode, meter: Meter) => Nodes>> = {
  self: (node) => [node],
  child: (node) => node.children,
  attribute: (node) => node.attributes,
  parent: ({ parent }) => (parent === null ? [] : [parent]),
  ancestor: ({ parent }) => upwards(parent),
  "ancestor-or-self": (node) => upwards(node),
  descendant: below,
  "descendant-or-self": (node, meter) => walk(node, meter),
  "following-sibling": (node) => siblings(node, 1),
  "preceding-sibling": (node) => siblings(node, -1),
  following: (node, meter) => beyond(node, 1, meter),
  preceding: (node, meter) => beyond(node, -1, meter),
};

function* upwards(node: DomNode | null): Generator<DomNode> {
  for (let at = node; at !== null; at = at.parent) yield at;
}

function* below(node: DomNode, meter: Meter): Generator<DomNode> {
  const nodes = walk(node, meter);
  nodes.next();
  yield* nodes;
}

function* siblings(node: DomNode, direction: 1 | -1): Generator<DomNode> {
  if (node.parent === null || node.kind === "attribute") return;
  const row = node.parent.children;
  for (let at = node.index + direction; at >= 0 && at < row.length; at += direction) yield row[at] as DomNode;
}

/** Everything after, or before, a node that is neither inside nor around it. */
function* beyond(node: DomNode, direction: 1 | -1, meter: Meter): Generator<DomNode> {
  let from: DomNode | null = node;
  if (node.kind === "attribute") {
    from = node.parent;
    if (direction === 1 && from !== null) yield* below(from, meter);
  }
  for (const at of upwards(from)) {
    for (const sibling of siblings(at, direction)) {
      if (direction === 1) yield* walk(sibling, meter);
      else yield* [...walk(sibling, meter)].toReversed();
    }
  }
}
