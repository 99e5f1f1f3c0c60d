import type { Api, Product } from "#model/definition.ts";
import type { PolicyDocument, PolicyNode } from "#model/policy-tree.ts";
import type { Problems } from "#notation/problems.ts";
import { needsGraphqlSchema } from "#notation/graphql/rule-path.ts";
import { nodesIn } from "./nodes-in.ts";

interface Scopes {
  readonly apis: readonly Api[];
  readonly products: readonly Product[];
  readonly policies: PolicyDocument;
}

/** Rules for types would refuse every query of an API that nobody knows the types of. */
export function checkGraphqlRules({ apis, products, policies }: Scopes, problems: Problems): void {
  for (const api of apis.filter(({ graphqlSchema }) => graphqlSchema === undefined)) {
    const around = products.filter((product) => product.apis.includes(api.name)).map((product) => product.policies);
    const documents = [policies, ...around, api.policies, ...api.operations.map((operation) => operation.policies)];
    const node = documents.flatMap(nodesIn).find(namesTypes);
    if (node === undefined) continue;
    const message = `validate-graphql-request has rules for types, and ${api.name} has no schema that tells them`;
    problems.error("key-missing", api.at, message, "write graphql: ./<name>.graphql of the API");
  }
}

function namesTypes({ name, args }: PolicyNode): boolean {
  const { authorize } = args;
  if (name !== "validate-graphql-request" || authorize?.kind !== "list") return false;
  return authorize.items.some((item) => {
    const path = item.kind === "map" ? item.entries["path"] : undefined;
    return path?.kind === "literal" && needsGraphqlSchema(String(path.value));
  });
}
