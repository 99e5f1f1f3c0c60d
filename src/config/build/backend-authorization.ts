import type { BackendAuthorization } from "#model/backend-authorization.ts";
import type { Connection } from "#model/connection.ts";
import type { SourcePosition } from "#model/diagnostic.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Problems } from "#notation/problems.ts";
import type { Located } from "#config/shapes/shape.ts";
import type { BackendInput } from "#config/table/backend.ts";
import type { BackendAuthorizationInput } from "#config/table/backend-credentials.ts";

const fix =
  "write one of { scheme, parameter }, { username, password }, { managedIdentity }, { connection }, original or none";

/** What is fetched for a backend, and what becomes of the client's own; what is written down is among its credentials. */
export function buildBackendAuthorization(
  { authorization }: BackendInput,
  connections: readonly Connection[],
  problems: Problems,
): BackendAuthorization {
  if (authorization === undefined) return { kind: "original" };
  const { value, at } = authorization;
  if (value.client !== undefined) return { kind: value.client };
  checkForms(value, at, problems);
  const { managedIdentity, connection } = value;
  if (managedIdentity !== undefined) {
    const { resource = "", clientId = "" } = managedIdentity;
    return { kind: "managed-identity", resource, clientId };
  }
  return connection === undefined ? { kind: "original" } : buildConnection(connection, connections, problems);
}

/** One whole form, and nothing of another. */
function checkForms(value: BackendAuthorizationInput, at: SourcePosition, problems: Problems): void {
  const forms = [
    [value.scheme, value.parameter],
    [value.username, value.password],
    [value.managedIdentity],
    [value.connection],
  ].filter((parts) => parts.some((part) => part !== undefined));
  const [first] = forms;
  if (forms.length === 1 && first?.every((part) => part !== undefined) === true) return;
  const message = forms.length === 1 ? "half of this Authorization is missing" : "Authorization is said in one way";
  problems.error("value-invalid", at, message, fix);
}

function buildConnection(
  { value, at }: Located<string>,
  connections: readonly Connection[],
  problems: Problems,
): BackendAuthorization {
  const names = connections.map(({ provider, name }) => `${provider}/${name}`);
  const found = connections[names.indexOf(value)];
  if (found === undefined) {
    const nearest = suggestion(value, names, (one) => one);
    const define = "define it: connections: { <provider>: { <name>: { tokenUrl: … } } }";
    problems.error("reference-unknown", at, `there is no connection ${value}`, nearest ?? define);
    return { kind: "original" };
  }
  const { provider, name, grant, actor } = found;
  const acting = grant === "token-exchange" && actor === "caller" ? ({ actor: true } as const) : {};
  return { kind: "connection", provider, name, exchanges: grant !== "client-credentials", ...acting };
}
