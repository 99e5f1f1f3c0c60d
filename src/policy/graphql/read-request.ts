import { Buffer } from "node:buffer";
import type { Exchange } from "#model/exchange.ts";
import { charsetOf } from "#policy/charset.ts";
import { mediaTypeOf } from "#policy/content-kind.ts";
import { parseExactJson } from "#policy/exact-json.ts";
import { messageOf } from "#policy/message.ts";
import { GraphqlProblem } from "./problem.ts";

export interface GraphqlRequest {
  readonly query: string;
  /** Makes the request hold this query, and nothing that could be taken for another one. */
  readonly write: (query: string) => void;
}

/** What a GraphQL server may read from the URL, whatever the body has. */
const parameters = ["query", "operationName", "variables", "extensions"];
const message = messageOf("inbound");

/**
 * The query, wherever it stands, and nowhere else: what one server takes from the URL and another from the body, or from
 * the first of two members of a name, would be looked at here and not be what is run there.
 * @see the GraphQL over HTTP specification
 * @throws GraphqlProblem
 */
export function readRequest(exchange: Exchange, maxBytes: number): GraphqlRequest {
  const { request } = exchange;
  const bytes = message.body(exchange) ?? new Uint8Array();
  if (Math.max(bytes.byteLength, Buffer.byteLength(request.query)) > maxBytes) {
    throw new GraphqlProblem(`The request is longer than ${maxBytes} bytes.`);
  }
  const url = new URLSearchParams(request.query);
  if (request.method === "GET") {
    if (bytes.byteLength > 0) throw new GraphqlProblem("A GET request has no body.");
    return ofUrl(exchange, url);
  }
  if (request.method !== "POST") throw new GraphqlProblem("Queries are sent by GET or POST.");
  const named = new Set([...url.keys()].map((name) => name.toLowerCase()));
  if (parameters.some((name) => named.has(name.toLowerCase()))) {
    throw new GraphqlProblem("A query that is sent by POST has nothing of it in the URL.");
  }
  const { headers } = request;
  if (charsetOf(headers) !== "utf-8") throw new GraphqlProblem("The body is not in UTF-8.");
  return ofBody(exchange, Buffer.from(bytes).toString(), mediaTypeOf(headers));
}

function ofUrl({ request }: Exchange, url: URLSearchParams): GraphqlRequest {
  const [query, more] = url.getAll("query");
  if (query === undefined || more !== undefined || parameters.some((name) => url.getAll(name).length > 1)) {
    throw new GraphqlProblem("The URL has no query, or more than one.");
  }
  return {
    query,
    write: (text) => {
      url.set("query", text);
      request.query = url.toString();
    },
  };
}

function ofBody(exchange: Exchange, text: string, type: string): GraphqlRequest {
  if (type === "application/graphql") {
    return { query: text, write: (query) => message.setBody(exchange, Buffer.from(query)) };
  }
  if (type !== "application/json") throw new GraphqlProblem("The content type is none of GraphQL.");
  const body = objectIn(text);
  const { query } = body;
  if (typeof query !== "string") throw new GraphqlProblem("The request has no query.");
  return { query, write: (other) => message.setBody(exchange, Buffer.from(JSON.stringify({ ...body, query: other }))) };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  let body: unknown;
  try {
    body = parseExactJson(text);
  } catch {
    throw new GraphqlProblem("The body is no JSON.");
  }
  if (Array.isArray(body)) throw new GraphqlProblem("Several queries in one request are not taken.");
  if (typeof body !== "object" || body === null) throw new GraphqlProblem("The body is no object of JSON.");
  return body as Readonly<Record<string, unknown>>;
}
