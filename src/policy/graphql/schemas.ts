import type { GraphQLSchema } from "graphql";
import type { ApiFacts } from "#model/snapshot.ts";
import { graphqlLibrary } from "#notation/graphql/library.ts";

/** Made at an API's first query; it goes with the API. */
const schemas = new WeakMap<ApiFacts, GraphQLSchema>();

/** The API's schema; null: it has none. That it can be read was checked with the definition. */
export function schemaOf(api: ApiFacts | null): GraphQLSchema | null {
  const text = api?.graphqlSchema;
  if (api === null || text === undefined) return null;
  const known = schemas.get(api);
  if (known !== undefined) return known;
  const made = graphqlLibrary().buildSchema(text, { assumeValidSDL: true });
  schemas.set(api, made);
  return made;
}
