import type { ASTNode, DocumentNode, FragmentDefinitionNode, OperationDefinitionNode } from "graphql";
import { graphqlLibrary } from "#notation/graphql/library.ts";

interface Uses {
  readonly fragments: ReadonlySet<string>;
  readonly variables: ReadonlySet<string>;
}

/** A server refuses variables and fragments that nothing uses any more. */
export function withoutUnused(document: DocumentNode): DocumentNode {
  const { definitions } = document;
  const fragments = new Map(
    definitions.flatMap((node) =>
      node.kind === "FragmentDefinition" ? [[node.name.value, usesOf(node)] as const] : [],
    ),
  );
  const reached = new Set<string>();
  const operations = definitions
    .filter((node) => node.kind === "OperationDefinition")
    .map((node) => {
      const uses = allUses(usesOf(node), fragments);
      for (const name of uses.fragments) reached.add(name);
      return withVariables(node, uses.variables);
    });
  const kept = definitions.filter((node) => node.kind === "FragmentDefinition" && reached.has(node.name.value));
  return { ...document, definitions: [...operations, ...kept] };
}

function withVariables(node: OperationDefinitionNode, used: ReadonlySet<string>): OperationDefinitionNode {
  const { variableDefinitions = [] } = node;
  return { ...node, variableDefinitions: variableDefinitions.filter(({ variable }) => used.has(variable.name.value)) };
}

/** What a definition names itself. Variables are not used where they are defined. */
function usesOf(node: OperationDefinitionNode | FragmentDefinitionNode): Uses {
  const fragments = new Set<string>();
  const variables = new Set<string>();
  const { visit } = graphqlLibrary();
  visit(node as ASTNode, {
    VariableDefinition: () => false,
    FragmentSpread: ({ name }) => void fragments.add(name.value),
    Variable: ({ name }) => void variables.add(name.value),
  });
  return { fragments, variables };
}

function allUses(own: Uses, known: ReadonlyMap<string, Uses>): Uses {
  const fragments = new Set<string>();
  const variables = new Set(own.variables);
  const waiting = [...own.fragments];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (fragments.has(name)) continue;
    fragments.add(name);
    const uses = known.get(name);
    for (const variable of uses?.variables ?? []) variables.add(variable);
    waiting.push(...(uses?.fragments ?? []));
  }
  return { fragments, variables };
}
