import type { Api, ApiVersion } from "#model/definition.ts";
import type { Handler } from "#model/handler.ts";
import type { Problems } from "#notation/problems.ts";
import type { Resources } from "#config/resources.ts";
import type { Named } from "#config/shapes/record.ts";
import type { ApiInput } from "#config/table/api.ts";
import type { RootInput } from "#config/table/root.ts";
import { buildBasicAccess } from "./basic.ts";
import { buildCompression } from "./compression.ts";
import { buildMaintenance } from "./maintenance.ts";
import { buildDiagnostic } from "./diagnostics.ts";
import { buildShadow } from "./shadow.ts";
import { buildIdentityShown } from "./assertion.ts";
import { buildHandler } from "./handler.ts";
import { buildOperations } from "./operations.ts";
import { reportOverlaps } from "./overlaps.ts";
import { buildApiSchema } from "./schemas.ts";
import { buildRevision, buildVersion, checkVersionSets, versionedPath } from "./versions.ts";

export function buildApis(root: RootInput, resources: Resources, problems: Problems): readonly Api[] {
  const { apis, compress, maintenance, errors } = root;
  checkVersionSets(root, problems);
  const built = apis.map((api) => ({
    ...buildApi(api, buildVersion(api, root), resources, problems),
    errors: api.value.errors ?? errors,
    ...buildBasicAccess(api.value.basic, root.identity.basic),
    compression: buildCompression(api.value.compress ?? compress),
    maintenance: buildMaintenance(api.value.maintenance ?? maintenance, resources),
  }));
  // An API whose path could not be read has none to compare.
  reportOverlaps(
    built.filter((_, index) => apis[index]?.value.path !== undefined),
    problems,
  );
  return built;
}

function graphqlOf(file: ApiInput["graphql"], { graphqlSchemas }: Resources): Pick<Api, "graphqlSchema"> {
  const text = file && graphqlSchemas.get(file.value);
  return text === undefined ? {} : { graphqlSchema: text };
}

function buildApi(
  api: Named<ApiInput>,
  version: ApiVersion | null,
  resources: Resources,
  problems: Problems,
): Omit<Api, "compression" | "maintenance" | "errors"> {
  const { name, at, value } = api;
  return {
    name,
    displayName: value.displayName ?? name,
    hosts: [...new Set(value.hosts?.value)],
    ...(value.ports.length === 0 ? {} : { ports: [...new Set(value.ports)] }),
    path: versionedPath(value.path ?? "/", version),
    version,
    revision: buildRevision(api),
    trustedProxies: value.trustedProxies,
    backend: value.backend?.value ?? null,
    handler: apiHandler(api, resources, problems),
    access: value.access,
    clientCertificate: value.clientCertificate === "require",
    policies: value.policies,
    operations: buildOperations(api, resources, problems),
    subscriptionKey: value.subscriptionKey,
    bodyBytes: value.bodySize ?? null,
    timeoutMs: value.timeout,
    retryMethods: value.retries?.methods ?? null,
    forwardAuth: value.forwardAuth?.value ?? false,
    ...buildIdentityShown(value.identity, problems),
    login: value.login,
    upgrades: value.upgrades ?? null,
    ...buildDiagnostic(value.diagnostics),
    ...buildShadow(value.shadow, value.subscriptionKey, resources, problems),
    ...graphqlOf(value.graphql, resources),
    ...(value.rootSlash ? {} : { rootSlash: false as const }),
    ...buildApiSchema(value.wsdl, resources),
    at,
  };
}

function apiHandler({ name, value }: Named<ApiInput>, resources: Resources, problems: Problems): Handler {
  const handler = buildHandler(`the API ${name}`, value, resources, problems);
  if (value.acmeServer === undefined) return handler ?? { kind: "proxy" };
  if (handler !== null) {
    const message = `${name} has acmeServer and another answer: one of them answers`;
    problems.error("handler-several", value.acmeServer.at, message, "keep one of them");
  }
  return { kind: "acme", server: name };
}
