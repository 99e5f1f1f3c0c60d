import type { ASTVisitor, DocumentNode, FieldNode, GraphQLSchema } from "graphql";
import { type PlaceOf, placesByOperation, placesBySchema } from "./field-places.ts";
import { graphqlLibrary } from "#notation/graphql/library.ts";
import { GraphqlProblem } from "./problem.ts";
import { withoutUnused } from "./prune.ts";
import type { Rules } from "./rules.ts";

export interface Authorized {
  readonly document: DocumentNode;
  /** What was taken out, as messages. */
  readonly removed: readonly string[];
}

/**
 * Holds every field of every operation and fragment to the rules, whichever of them is run in the end.
 * @throws GraphqlProblem where one is rejected
 */
export function authorize(document: DocumentNode, rules: Rules, schema: GraphQLSchema | null): Authorized {
  const { visit, TypeInfo, visitWithTypeInfo } = graphqlLibrary();
  const types = schema === null ? null : new TypeInfo(schema);
  const placeOf: PlaceOf =
    schema === null || types === null ? placesByOperation(document) : placesBySchema(schema, types);
  const removed: string[] = [];
  const visitor: ASTVisitor = {
    Field: {
      enter: (node, _key, _parent, _path, ancestors) => {
        const action = isTypename(node) ? "allow" : rules.actionOf(placeOf(node, ancestors));
        if (action === "reject") throw new GraphqlProblem(`The field ${node.name.value} is not allowed.`);
        if (action === "allow") return undefined;
        removed.push(`The field ${node.name.value} was removed.`);
        return null;
      },
    },
    // An empty one is no GraphQL; what every type has takes the place.
    SelectionSet: { leave: (node) => (node.selections.length === 0 ? { ...node, selections: [typename] } : undefined) },
  };
  const visited = visit(document, types === null ? visitor : visitWithTypeInfo(types, visitor)) as DocumentNode;
  if (removed.length === 0) return { document, removed };
  assertNoEmptySubscription(visited);
  return { document: withoutUnused(visited), removed };
}

/** It tells nothing of the data, and clients ask for it everywhere. */
function isTypename({ name }: FieldNode): boolean {
  return name.value === "__typename";
}

const typename = { kind: "Field", name: { kind: "Name", value: "__typename" } } as FieldNode;

/** A subscription has one field, and it is not that one. */
function assertNoEmptySubscription({ definitions }: DocumentNode): void {
  const empty = definitions.some(
    (node) =>
      node.kind === "OperationDefinition" &&
      node.operation === "subscription" &&
      node.selectionSet.selections.every((field) => field === typename),
  );
  if (empty) throw new GraphqlProblem("The field of the subscription is not allowed.");
}
