import { Buffer } from "node:buffer";
import type { DocumentNode } from "graphql";
import { type Refusal, refuse } from "#model/decision.ts";
import { GatewayError } from "#model/errors.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { authorize } from "#policy/graphql/authorize.ts";
import { graphqlLibrary } from "#notation/graphql/library.ts";
import { measure } from "#policy/graphql/measure.ts";
import { GraphqlProblem } from "#policy/graphql/problem.ts";
import { readRequest } from "#policy/graphql/read-request.ts";
import { linkRules } from "#policy/graphql/rules.ts";
import { schemaOf } from "#policy/graphql/schemas.ts";
import { type Evaluate, evaluateInteger, evaluateString } from "#policy/values.ts";

/** Of one document; what is measured and held to rules takes time in these. */
const maxTokens = 10_000;
const maxErrors = 10;

interface Limits {
  readonly depth: number;
  readonly fields: number;
}

/** The request goes on with the query as it was read here, so that nobody can read another one out of it. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock } = ports;
  // Now, not at the first request.
  graphqlLibrary();
  const maxSize = evaluateInteger(requiredValue(node, "maxSize"), clock, 0, 104_857_600);
  const depth = evaluateInteger(requiredValue(node, "maxDepth"), clock, 1, 1000);
  const fields = evaluateInteger(requiredValue(node, "maxTotalDepth"), clock, 1, 10_000);
  const rulesFor = linkRules(node, clock);
  const given = optionalValue(node, "errorVariable");
  const variable = given === undefined ? undefined : evaluateString(given, clock);

  const tell = (exchange: Exchange, messages: readonly string[]): void => {
    const errors = messages.map((message) => ({ message }));
    exchange.setVariable("GraphQLErrors", errors);
    if (variable !== undefined) exchange.setVariable(variable(exchange), errors);
  };
  const check: Evaluate<void> = (exchange) => {
    const request = readRequest(exchange, maxSize(exchange));
    const document = parsed(request.query, exchange, { depth: depth(exchange), fields: fields(exchange) });
    const rules = rulesFor(exchange);
    const schema = schemaOf(exchange.api);
    if (rules.needSchema && schema === null) {
      throw new GatewayError("definition-invalid", 500, "a rule names a type, and the API has no GraphQL schema");
    }
    const { document: allowed, removed } = authorize(document, rules, schema);
    if (removed.length > 0) tell(exchange, removed);
    request.write(removed.length === 0 ? request.query : graphqlLibrary().print(allowed));
  };
  return (exchange) => {
    try {
      check(exchange);
      return undefined;
    } catch (error) {
      // A document that is nested beyond what the stack holds is no document.
      const problem = error instanceof RangeError ? new GraphqlProblem("The query is nested too deeply.") : error;
      if (!(problem instanceof GraphqlProblem)) throw error;
      tell(exchange, problem.messages);
      return refused(problem.messages);
    }
  };
}

function parsed(query: string, { api }: Exchange, limits: Limits): DocumentNode {
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
  const schema = schemaOf(api);
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

/** The record does not have the messages: they may quote the query, and with it whatever somebody wrote into it. */
function refused(messages: readonly string[]): Refusal {
  const body = Buffer.from(JSON.stringify({ errors: messages.map((message) => ({ message })) }));
  const headers = new HeaderList(["Content-Type", "application/json"]);
  const answer = { kind: "answer", status: 400, headers, body } as const;
  const lastError = { message: messages[0] ?? "" };
  const detail = "the GraphQL request is not valid or not allowed";
  return refuse("request-not-valid", { answer, answerIsError: true, lastError, detail });
}
