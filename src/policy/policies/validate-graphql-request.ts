import { Buffer } from "node:buffer";
import { type Outcome, type Refusal, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import { HeaderList } from "#model/header-list.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import { graphqlLibrary } from "#notation/graphql/library.ts";
import { optionalValue, requiredValue } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { checkBeside, takesLong } from "#policy/graphql/check-beside.ts";
import { type CheckedQuery, checkQuery } from "#policy/graphql/check-query.ts";
import { GraphqlProblem } from "#policy/graphql/problem.ts";
import { type GraphqlRequest, readRequest } from "#policy/graphql/read-request.ts";
import { linkRules } from "#policy/graphql/rules.ts";
import { schemaOf } from "#policy/graphql/schemas.ts";
import { evaluateInteger, evaluateString } from "#policy/values.ts";

/** The request goes on with the query as it was read here, so that nobody can read another one out of it. */
export function link(node: PolicyNode, { ports }: LinkContext): Run {
  const { clock, transforms } = ports;
  // Now, not at the first request.
  graphqlLibrary();
  const maxSize = evaluateInteger(requiredValue(node, "maxSize"), clock, 0, 104_857_600);
  const depth = evaluateInteger(requiredValue(node, "maxDepth"), clock, 1, 1000);
  const fields = evaluateInteger(requiredValue(node, "maxTotalDepth"), clock, 1, 10_000);
  const rules = linkRules(node, clock);
  const given = optionalValue(node, "errorVariable");
  const variable = given === undefined ? undefined : evaluateString(given, clock);

  const tell = (exchange: Exchange, messages: readonly string[]): void => {
    const errors = messages.map((message) => ({ message }));
    exchange.setVariable("GraphQLErrors", errors);
    if (variable !== undefined) exchange.setVariable(variable(exchange), errors);
  };
  const goOn = (exchange: Exchange, request: GraphqlRequest, { query, removed }: CheckedQuery): Outcome => {
    if (removed.length > 0) tell(exchange, removed);
    request.write(query);
    return undefined;
  };
  const refuseFor = (exchange: Exchange, problem: unknown): Outcome => {
    if (!(problem instanceof GraphqlProblem)) throw problem;
    tell(exchange, problem.messages);
    return refused(problem.messages);
  };
  return (exchange) => {
    try {
      const request = readRequest(exchange, maxSize(exchange));
      const { query } = request;
      const limits = { depth: depth(exchange), fields: fields(exchange) };
      if (!takesLong(query, exchange.api, transforms))
        return goOn(exchange, request, checkQuery(query, limits, rules.lazily(exchange), schemaOf(exchange.api)));
      const checked = checkBeside(query, limits, rules.ready(exchange), exchange.api, transforms);
      return checked.then(
        (found) => goOn(exchange, request, found),
        (problem: unknown) => refuseFor(exchange, problem),
      );
    } catch (problem) {
      return refuseFor(exchange, problem);
    }
  };
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
