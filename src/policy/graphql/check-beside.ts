import type { GraphQLSchema } from "graphql";
import type { ApiFacts } from "#model/snapshot.ts";
import { graphqlLibrary } from "#notation/graphql/library.ts";
import type { GraphqlSource, TransformJobs } from "#policy/transforms/jobs.ts";
import { assetOf, type TransformAsset, type Transforms } from "#policy/transforms/transforms.ts";
import { type CheckedQuery, checkQuery, type QueryLimits } from "./check-query.ts";
import { GraphqlProblem } from "./problem.ts";
import { FailedRule, type ReadyRules, rulesOf } from "./rules.ts";

/** UTF-16 units of a query from which it can take more than some milliseconds. */
const longQuery = 4096;
/** Of a schema: building it takes as long. */
const longSchema = 65_536;

/** Whether the check is for another thread. */
export function takesLong(query: string, api: ApiFacts | null, transforms: Transforms): boolean {
  return query.length >= Math.min(longQuery, transforms.fromBytes) || (api?.graphqlSchema?.length ?? 0) >= longSchema;
}

/** As {@link checkQuery}. @throws GraphqlProblem, and what computing an action threw */
export async function checkBeside(
  query: string,
  limits: QueryLimits,
  rules: ReadyRules,
  api: ApiFacts | null,
  transforms: Transforms,
): Promise<CheckedQuery> {
  const request = { query, limits, rules: rules.plain };
  const answer = await transforms.run("graphql-query", request, query.length, assetFor(api));
  if ("problems" in answer) throw new GraphqlProblem(...answer.problems);
  if ("failedRule" in answer) throw rules.failures[answer.failedRule];
  return answer;
}

const assets = new WeakMap<ApiFacts, TransformAsset>();

function assetFor(api: ApiFacts | null): TransformAsset | undefined {
  if (api?.graphqlSchema === undefined) return undefined;
  let asset = assets.get(api);
  if (asset === undefined) assets.set(api, (asset = assetOf({ graphql: api.graphqlSchema } satisfies GraphqlSource)));
  return asset;
}

/** In the other thread. */
const schemas = new WeakMap<GraphqlSource, GraphQLSchema>();

export function runQueryCheck(
  { query, limits, rules }: TransformJobs["graphql-query"]["request"],
  source: GraphqlSource | undefined,
): TransformJobs["graphql-query"]["response"] {
  let schema = source === undefined ? null : schemas.get(source);
  if (source !== undefined && schema === undefined) {
    schema = graphqlLibrary().buildSchema(source.graphql, { assumeValidSDL: true });
    schemas.set(source, schema);
  }
  try {
    return checkQuery(query, limits, rulesOf(rules), schema ?? null);
  } catch (error) {
    if (error instanceof GraphqlProblem) return { problems: error.messages };
    if (error instanceof FailedRule) return { failedRule: error.index };
    throw error;
  }
}
