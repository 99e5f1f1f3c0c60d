import type {
  ASTNode,
  DocumentNode,
  FieldNode,
  GraphQLCompositeType,
  GraphQLSchema,
  SelectionSetNode,
  TypeInfo,
} from "graphql";
import { graphqlLibrary } from "#notation/graphql/library.ts";
import type { FieldPlace } from "./rules.ts";

type Ancestors = readonly (ASTNode | readonly ASTNode[])[];

/** Tells of a field that is visited where it is. */
export type PlaceOf = (node: FieldNode, ancestors: Ancestors) => FieldPlace;

/** By a schema: a field of an interface may be one of each of the types that have it. */
export function placesBySchema(schema: GraphQLSchema, types: TypeInfo): PlaceOf {
  const { isAbstractType } = graphqlLibrary();
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const namesOf = (type: GraphQLCompositeType): readonly string[] =>
    isAbstractType(type) ? [type.name, ...schema.getPossibleTypes(type).map(({ name }) => name)] : [type.name];
  return ({ name }) => {
    const parent = types.getParentType();
    const field = name.value;
    if (parent === null || parent === undefined) return { types: [], atTop: true, field };
    return { types: namesOf(parent), atTop: roots.some((root) => root?.name === parent.name), field };
  };
}

const rootTypes = { query: "Query", mutation: "Mutation", subscription: "Subscription" } as const;

/** Without a schema: at the top the types are those of the operations; a type that the client names is one, too. */
export function placesByOperation(document: DocumentNode): PlaceOf {
  const spread = typesOfTopFragments(document);
  return ({ name }, ancestors) => {
    const types = new Set<string>();
    let atTop = true;
    for (const ancestor of ancestors.toReversed()) {
      if (!("kind" in ancestor)) continue;
      if (ancestor.kind === "Field") {
        atTop = false;
        break;
      }
      if (ancestor.kind === "OperationDefinition") types.add(rootTypes[ancestor.operation]);
      if (ancestor.kind === "InlineFragment" && ancestor.typeCondition) types.add(ancestor.typeCondition.name.value);
      if (ancestor.kind !== "FragmentDefinition") continue;
      types.add(ancestor.typeCondition.name.value);
      const tops = spread.get(ancestor.name.value);
      for (const type of tops ?? []) types.add(type);
      atTop = tops !== undefined;
    }
    return { types: [...types], atTop, field: name.value };
  };
}

/** Fragments that stand at the top of an operation, by way of others or not: with the types of those operations. */
function typesOfTopFragments({ definitions }: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  const fragments = new Map(
    definitions.flatMap((node) => (node.kind === "FragmentDefinition" ? [[node.name.value, node] as const] : [])),
  );
  const look = ({ selections }: SelectionSetNode, type: string): void => {
    for (const node of selections) {
      if (node.kind === "InlineFragment") look(node.selectionSet, type);
      if (node.kind !== "FragmentSpread") continue;
      const types = found.get(node.name.value) ?? new Set();
      if (types.has(type)) continue;
      found.set(node.name.value, types.add(type));
      const fragment = fragments.get(node.name.value);
      if (fragment !== undefined) look(fragment.selectionSet, type);
    }
  };
  for (const node of definitions) {
    if (node.kind === "OperationDefinition") look(node.selectionSet, rootTypes[node.operation]);
  }
  return found;
}
