/** What resolvers of GraphQL are made of in API Management. They are documents of their own, and no policies of a section. */
const resolverElements: ReadonlySet<string> = new Set([
  "cosmosdb-data-source",
  "http-data-source",
  "publish-event",
  "sql-data-source",
]);

/** Why an element cannot stand anywhere here; undefined: it is none of a resolver. */
export function resolverProblem(name: string): { readonly message: string; readonly fix: string } | undefined {
  if (!resolverElements.has(name)) return undefined;
  return {
    message: `${name} belongs to a GraphQL resolver, and resolvers are not supported`,
    fix: "forward queries to a GraphQL service; validate-graphql-request holds them to the API's schema",
  };
}
