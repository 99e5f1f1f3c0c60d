import type { DocumentNode, FragmentDefinitionNode, SelectionNode, SelectionSetNode } from "graphql";
import { GraphqlProblem } from "./problem.ts";

export interface Extent {
  /** With fragments counted wherever they are spread. */
  readonly fields: number;
  /** Fields inside each other. */
  readonly depth: number;
}

const nothing: Extent = { fields: 0, depth: 0 };

/**
 * How much a document asks for. Each fragment is measured once, so that fragments that double each other cost nothing.
 * @throws GraphqlProblem for fragments that are not there or hold themselves
 */
export function measure(document: DocumentNode): Extent {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) if (node.kind === "FragmentDefinition") fragments.set(node.name.value, node);
  const known = new Map<string, Extent | null>();

  const ofFragment = (name: string): Extent => {
    const found = known.get(name);
    if (found === null) throw new GraphqlProblem("A fragment holds itself.");
    if (found !== undefined) return found;
    const fragment = fragments.get(name);
    if (fragment === undefined) throw new GraphqlProblem("A fragment is spread that is not there.");
    known.set(name, null);
    const extent = ofSet(fragment.selectionSet);
    known.set(name, extent);
    return extent;
  };
  const ofSelection = (node: SelectionNode): Extent => {
    if (node.kind === "FragmentSpread") return ofFragment(node.name.value);
    const inner = node.selectionSet === undefined ? nothing : ofSet(node.selectionSet);
    return node.kind === "Field" ? { fields: inner.fields + 1, depth: inner.depth + 1 } : inner;
  };
  const ofSet = ({ selections }: SelectionSetNode): Extent =>
    selections
      .map(ofSelection)
      .reduce(
        (all, { fields, depth }) => ({ fields: all.fields + fields, depth: Math.max(all.depth, depth) }),
        nothing,
      );

  const both = (all: Extent, { fields, depth }: Extent): Extent => ({
    fields: all.fields + fields,
    depth: Math.max(all.depth, depth),
  });
  const operations = document.definitions
    .filter((node) => node.kind === "OperationDefinition")
    .map(({ selectionSet }) => ofSet(selectionSet))
    .reduce(both, nothing);
  // What no operation spreads is looked at by whoever validates, here and there.
  const unused = [...fragments.keys()].filter((name) => !known.has(name));
  return unused.map(ofFragment).reduce(both, operations);
}
