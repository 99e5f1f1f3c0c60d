import { graphqlLibrary } from "#notation/graphql/library.ts";
import type { Problems } from "#notation/problems.ts";
import { type DefinitionFiles, graphqlFile } from "./files.ts";
import type { Located } from "./shapes/shape.ts";

/** The text of a schema that can be read and is one; undefined for every other, which is reported. */
export async function readGraphqlSchema(
  file: Located<string>,
  files: DefinitionFiles,
  problems: Problems,
): Promise<string | undefined> {
  const text = await files.text(file.value, file.at, graphqlFile);
  if (text === undefined) return undefined;
  const { buildSchema, GraphQLError } = graphqlLibrary();
  try {
    buildSchema(text);
    return text;
  } catch (error) {
    const [place] = (error instanceof GraphQLError ? error.locations : undefined) ?? [];
    const at =
      place === undefined ? file.at : { file: files.resolve(file.value), line: place.line, column: place.column };
    const why = error instanceof Error ? error.message.split("\n", 1)[0] : "it cannot be read";
    problems.error("graphql-invalid", at, `this is no GraphQL schema: ${why}`, "correct it, or leave graphql out");
    return undefined;
  }
}
