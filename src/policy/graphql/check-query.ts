import type { DocumentNode, GraphQLSchema } from "graphql";
import { GatewayError } from "#model/errors.ts";
import { graphqlLibrary } from "#notation/graphql/library.ts";
import { authorize } from "./authorize.ts";
import { measure } from "./measure.ts";
import { GraphqlProblem } from "./problem.ts";
import type { Rules } from "./rules.ts";

/** Of one document; what is measured and held to rules takes time in these. */
const maxTokens = 10_000;
const maxErrors = 10;

export interface QueryLimits {
  readonly depth: number;
  readonly fields: number;
}

export interface CheckedQuery {
  /** As it goes on: without what was removed. */
  readonly query: string;
  /** What was taken out, as messages. */
  readonly removed: readonly string[];
}

/**
 * Holds a query to the schema, to its bounds and to the rules. Takes milliseconds where it has thousands of tokens.
 * @throws GraphqlProblem; GatewayError `definition-invalid` for rules that need a schema where there is none
 */
export function checkQuery(
  query: string,
  limits: QueryLimits,
  rules: Rules,
  schema: GraphQLSchema | null,
): CheckedQuery {
  try {
    const document = parsed(query, limits, schema);
    if (rules.needSchema && schema === null) {
      throw new GatewayError("definition-invalid", 500, "a rule names a type, and the API has no GraphQL schema");
    }
    const { document: allowed, removed } = authorize(document, rules, schema);
    return { query: removed.length === 0 ? query : graphqlLibrary().print(allowed), removed };
  } catch (error) {
    // A document that is nested beyond what the stack holds is no document.
    throw error instanceof RangeError ? new GraphqlProblem("The query is nested too deeply.") : error;
  }
}

function parsed(query: string, limits: QueryLimits, schema: GraphQLSchema | null): DocumentNode {
  const { parse, validate, specifiedRules, GraphQLError } = graphqlLibrary();
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens });
  } catch (error) {
    if (error instanceof GraphQLError) throw new GraphqlProblem(error.message);
    throw error;
  }
  assertExecutable(document);
  const extent = measure(document);
  if (extent.depth > limits.depth) throw new GraphqlProblem(`The query is deeper than ${limits.depth}.`);
  if (extent.fields > limits.fields) throw new GraphqlProblem(`The query has more than ${limits.fields} fields.`);
  const errors =
    schema === null ? [] : validate(schema, document, specifiedRules, { maxErrors, hideSuggestions: true });
  if (errors.length > 0) throw new GraphqlProblem(...errors.map(({ message }) => message));
  return document;
}

function assertExecutable({ definitions }: DocumentNode): void {
  const executable = definitions.every(({ kind }) => kind === "OperationDefinition" || kind === "FragmentDefinition");
  if (!executable) throw new GraphqlProblem("Only operations and fragments are taken.");
  const operations = definitions.filter(({ kind }) => kind === "OperationDefinition");
  if (operations.length === 0) throw new GraphqlProblem("The document has no operation.");
  const names = definitions.map((node) => ("name" in node ? `${node.kind} ${node.name?.value ?? ""}` : ""));
  if (new Set(names).size < names.length) throw new GraphqlProblem("Two definitions have the same name.");
}
