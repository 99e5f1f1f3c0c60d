import type { Api } from "#model/definition.ts";
import type { OpenApi } from "#model/open-definition.ts";

export type ApiKind = "http" | "soap" | "graphql" | "websocket" | "grpc";

/** What kind of API it is there: those that are passed through have one operation, which imports give these names. */
export function kindOf(api: Api, { wsdl }: OpenApi): ApiKind {
  const [only, ...others] = api.operations;
  if (only === undefined || others.length > 0) return "http";
  const called = `${only.name} ${only.method} ${only.template}`;
  if (api.graphqlSchema !== undefined || called === "graphql POST /") return "graphql";
  if (wsdl !== null || called === "soap POST /") return "soap";
  if (called === "grpc POST /{*rest}") return "grpc";
  return called === "onHandshake GET /{*rest}" ? "websocket" : "http";
}
