import type { Api, Operation } from "#model/definition.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Export } from "./export.ts";
import { literal, node } from "./nodes.ts";

/** What Authorization says to a backend, as policies: there, what the client has sent travels on by itself. */
export function authorizationPolicies(
  { definition, report }: Export,
  api: Api,
  { backend, at }: Operation,
): readonly PolicyNode[] {
  const name = backend ?? api.backend;
  const authorization = definition.backends.find((one) => one.name === name)?.authorization;
  switch (authorization?.kind) {
    case "none":
      return [node("set-header", at, { name: literal("Authorization"), ifExists: literal("delete") })];
    case "managed-identity": {
      const { resource, clientId } = authorization;
      const identity = clientId === "" ? {} : { clientId: literal(clientId) };
      return [node("authentication-managed-identity", at, { resource: literal(resource), ...identity })];
    }
    case "connection":
      report.refuse(
        `apis.${api.name}`,
        at,
        `the backend ${name} gets a token of a connection, and would get the client's there`,
      );
      return [];
    default:
      return [];
  }
}
