import type { SourcePosition } from "#model/diagnostic.ts";
import { suggestion } from "#notation/nearest.ts";
import type { Argument } from "#model/policy-tree.ts";
import type { ArgumentUse } from "#notation/policies/policy-reading.ts";
import type { Problems } from "#notation/problems.ts";
import type { Named } from "#config/shapes/record.ts";
import { schemasOf } from "./schemas.ts";
import type { SchemaInput } from "#config/table/schema.ts";
import type { RootInput } from "#config/table/root.ts";

type Kind =
  | "API"
  | "ending"
  | "ending of files"
  | "backend"
  | "cluster"
  | "product"
  | "provider"
  | "logger"
  | "schema"
  | "list of users";

/** Arguments of policies that name something of the definition. */
const argumentKinds: Readonly<Record<string, Kind>> = {
  "validate-jwt.provider": "provider",
  "set-backend-service.backendId": "backend",
  "log-to-eventhub.loggerId": "logger",
  "end-with.ending": "ending",
  "find-file.ending": "ending of files",
  "validate-basic.users": "list of users",
};

/** Reports every name that refers to nothing. */
export function checkReferences(root: RootInput, uses: readonly ArgumentUse[], problems: Problems): void {
  const names: Readonly<Record<Kind, readonly string[]>> = {
    API: namesOf(root.apis),
    backend: namesOf(root.backends),
    ending: namesOf(root.endings),
    "ending of files": namesOf(root.endings.filter(({ value }) => value.files !== undefined)),
    cluster: namesOf(root.serviceFabric),
    product: namesOf(root.products),
    provider: namesOf(root.identity.providers),
    // Those for Application Insights are told of requests, and take no events.
    logger: namesOf(root.loggers.filter(({ value }) => value.applicationInsights === undefined)),
    schema: namesOf(root.schemas),
    "list of users": namesOf(root.identity.basic),
  };
  const check = (kind: Kind, name: string, at: SourcePosition): void => {
    if (names[kind].includes(name)) return;
    const fix = suggestion(name, names[kind], (one) => one);
    problems.error("reference-unknown", at, `there is no ${kind} ${name}`, fix ?? `define the ${kind} ${name}`);
  };
  for (const { value } of root.apis) {
    const operations = value.operations?.value ?? [];
    if (value.basic?.users !== undefined) check("list of users", value.basic.users.value, value.basic.users.at);
    for (const backend of [value.backend, ...operations.map((operation) => operation.value.backend)]) {
      if (backend !== undefined) check("backend", backend.value, backend.at);
    }
  }
  const { provider } = root.admin;
  if (provider !== undefined) check("provider", provider.value, provider.at);
  for (const { value } of root.products) for (const api of value.apis) check("API", api.value, api.at);
  for (const { value } of root.subscriptions) {
    if (value.product !== undefined) check("product", value.product.value, value.product.at);
    if (value.api !== undefined) check("API", value.api.value, value.api.at);
  }
  for (const use of uses) {
    for (const { name, kind } of schemasOf(use)) {
      check("schema", name, use.at);
      checkKind(root.schemas, name, kind, use.at, problems);
    }
  }
  for (const { policy, argument, value, at, args } of uses) {
    if (policy === "get-authorization-context" && argument === "authorizationId")
      checkConnection(root, args, at, problems);
    if (usesDapr(policy, argument, args)) {
      if (root.dapr === undefined) problems.error("reference-unknown", at, "there is no Dapr sidecar", whereDaprIs);
      continue;
    }
    if (policy === "send-service-bus-message" && argument === "payload") checkNamespace(root, args, at, problems);
    if (policy === "set-backend-service" && argument === "backendId" && isForFabric(root, value, args)) {
      if (value.kind === "literal") check("cluster", String(value.value), at);
      continue;
    }
    const kind = argumentKinds[`${policy}.${argument}`];
    if (kind !== undefined && value.kind === "literal")
      check(kind, value.secret === true ? "" : String(value.value), at);
  }
}

function checkKind(
  schemas: readonly Named<SchemaInput>[],
  name: string,
  kind: "json" | "xml",
  at: SourcePosition,
  problems: Problems,
): void {
  const found = schemas.find((one) => one.name === name)?.value;
  if (found === undefined || found[kind] !== undefined) return;
  const other = kind === "json" ? "XML" : "JSON";
  problems.error("reference-unknown", at, `the schema ${name} is one for ${other}`, `give it ${kind}: a file`);
}

const whereDaprIs = "define it: dapr: { url: http://127.0.0.1:3500 }";

/** By the one argument that each of them must have, so that it is said once. */
function usesDapr(policy: string, argument: string, args: ArgumentUse["args"]): boolean {
  if (policy === "invoke-dapr-binding") return argument === "name";
  if (policy === "publish-to-dapr") return argument === "topic";
  return policy === "set-backend-service" && argument === "backendId" && args["daprAppId"] !== undefined;
}

/** A service is asked for, or a cluster is named. */
function isForFabric({ serviceFabric }: RootInput, value: Argument, args: ArgumentUse["args"]): boolean {
  const isCluster = value.kind === "literal" && serviceFabric.some(({ name }) => name === value.value);
  return isCluster || Object.keys(args).some((name) => name.startsWith("sf"));
}

/** Only where there is one alone can it be left out. */
function checkNamespace(root: RootInput, args: ArgumentUse["args"], at: SourcePosition, problems: Problems): void {
  if (args["namespace"] !== undefined || root.serviceBus.length === 1) return;
  const fix = "say it, or define one: serviceBus: { <name>.servicebus.windows.net: {} }";
  problems.error("reference-unknown", at, "send-service-bus-message: which namespace it is cannot be told", fix);
}

/** Where both names are written out. */
function checkConnection(
  { connections }: RootInput,
  { providerId, authorizationId }: ArgumentUse["args"],
  at: SourcePosition,
  problems: Problems,
): void {
  if (providerId?.kind !== "literal" || authorizationId?.kind !== "literal") return;
  const [provider, name] = [String(providerId.value), String(authorizationId.value)];
  const found = connections.find((one) => one.name === provider)?.value.find((one) => one.name === name);
  if (found === undefined) {
    const fix = `define it: connections: { ${provider}: { ${name}: { tokenUrl: … } } }`;
    problems.error("reference-unknown", at, `there is no connection ${provider}/${name}`, fix);
  } else if (found.value.grant !== "client-credentials") {
    const fix = `name it in authorization of a backend: { connection: ${provider}/${name} }`;
    problems.error("value-invalid", at, `${provider}/${name} exchanges callers' tokens, and has none of its own`, fix);
  }
}

function namesOf(named: readonly Named<unknown>[]): readonly string[] {
  return named.map(({ name }) => name);
}
