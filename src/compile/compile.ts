import type { Api, Backend, Definition, Operation, Product } from "#model/definition.ts";
import type { ApiFacts, Chain, ProductFacts, Route, RouterTable, Snapshot } from "#model/snapshot.ts";
import { AccessPlans } from "./access-plan.ts";
import { hashDefinition } from "./canonical.ts";
import { ChainTable } from "./chains.ts";
import { DiagnosticTable } from "./diagnostic-table.ts";
import { invalid } from "./invalid.ts";
import { buildRouterTable } from "./router-table.ts";
import { siteHostsOf } from "./site-hosts.ts";
import { joinTemplate, pathLength } from "./template.ts";
import { planUpgrades } from "./upgrades.ts";
import { validates } from "./validating.ts";

/**
 * Turns a checked definition into what the workers run. Pure; the snapshot shares settings, backends and policies with
 * the definition.
 *
 * @throws GatewayError `definition-invalid` for what would make a snapshot unsafe and should have been reported
 * earlier: two operations at one place, an operation that does not say who may call it, a backend section that never
 * forwards, templates that overlap beyond the router's bound.
 */
export function compileSnapshot(definition: Definition): Snapshot {
  const table = new ChainTable(definition);
  const diagnostics = new DiagnosticTable(definition);
  const routes = compileRoutes(definition, table, diagnostics);
  const onlyClear = new Set(definition.edge.clearPlaces?.map(({ port }) => port));
  const askedHosts = definition.edge.forwardAuth?.hosts ?? [];
  return {
    hash: hashDefinition(definition),
    environment: definition.environment,
    edge: definition.edge,
    egress: definition.egress,
    audit: definition.audit,
    cache: definition.cache,
    ...diagnostics.parts(),
    deployment: definition.deployment,
    errors: definition.errors,
    providers: definition.providers,
    ...(definition.basicUsers === undefined ? {} : { basicUsers: definition.basicUsers }),
    ...(definition.actorHeader === undefined ? {} : { actorHeader: definition.actorHeader }),
    backends: definition.backends,
    endings: definition.endings,
    loggers: definition.loggers,
    schemas: definition.schemas,
    xmlSchemas: definition.xmlSchemas,
    namedCertificates: definition.namedCertificates,
    messaging: definition.messaging,
    fabricClusters: definition.fabricClusters,
    connectionUsers: definition.connections.map(({ provider, name, users }) => ({ provider, name, users })),
    apis: definition.apis.map((api) => apiFacts(api, definition)),
    products: definition.products.map((product) => productFacts(product, definition.apis)),
    routes,
    router: routerOf(definition.apis, onlyClear),
    unroutedChain: table.unrouted(),
    chains: table.chains,
    hosts: [...new Set([...certifiedHosts(definition.apis, onlyClear), ...askedHosts])].toSorted(),
    siteHosts: siteHostsOf(definition),
    certificatesOnDemand: definition.acme !== null && definition.acme.onDemand !== null,
  };
}

/** Names that are served in clear alone need no certificate. */
function certifiedHosts(apis: readonly Api[], onlyClear: ReadonlySet<number>): readonly string[] {
  return apis.filter(({ ports }) => ports?.every((port) => onlyClear.has(port)) !== true).flatMap(({ hosts }) => hosts);
}

function compileRoutes(definition: Definition, chains: ChainTable, diagnostics: DiagnosticTable): readonly Route[] {
  const routes: Route[] = [];
  const needs = onceEach((chain: number) => validates(chains.chains[chain] as Chain));
  for (const [index, api] of definition.apis.entries()) {
    const shared = {
      api: index,
      apiPathLength: pathLength(api.path),
      ...(api.rootSlash === false ? { rootSlash: api.rootSlash } : {}),
      timeoutMs: api.timeoutMs,
      forwardAuth: api.forwardAuth,
      compression: api.compression,
      maintenance: api.maintenance,
    };
    const products = definition.products.filter((product) => product.apis.includes(api.name));
    const plans = new AccessPlans(api, products);
    for (const operation of api.operations) {
      const backend = backendIndex(definition, api, operation);
      const choices = chains.choose(api, operation);
      routes.push({
        ...shared,
        id: routes.length,
        ...written(api, operation),
        description: choices.some(({ chain }) => needs(chain)) ? operation.description : null,
        handler: operation.handler ?? api.handler,
        backend,
        ...identityOf(api, definition.backends[backend]),
        ...diagnostics.of(api, operation),
        ...shadowOf(api, operation),
        bodyBytes: operation.bodyBytes ?? api.bodyBytes ?? definition.edge.limits.bodyBytes,
        access: plans.of(operation),
        chains: choices,
        upgrades: planUpgrades(api, operation, choices, chains.chains, definition.backends[backend]),
      });
    }
  }
  return routes;
}

function written(
  api: Api,
  operation: Operation,
): Pick<Route, "operation" | "method" | "template" | "query" | "examples"> {
  return {
    operation: operation.name,
    method: operation.method,
    template: joinTemplate(api.path, operation.template),
    ...(operation.query === undefined ? {} : { query: operation.query }),
    examples: operation.examples,
  };
}

function backendIndex({ backends }: Definition, api: Api, operation: Operation): number {
  const name = operation.backend ?? api.backend;
  if (name === null) return -1;
  const index = backends.findIndex((backend) => backend.name === name);
  if (index < 0) throw invalid(`API ${api.name} names an unknown backend ${name}`);
  return index;
}

function shadowOf(api: Api, operation: Operation): Pick<Route, "shadow"> {
  const shadow = operation.shadow === undefined ? api.shadow : operation.shadow;
  return shadow === undefined || shadow === null ? {} : { shadow };
}

/** An API says it for its own destination; else that says it for whoever leads there. */
function identityOf(api: Api, backend: Backend | undefined): Pick<Route, "identity"> {
  const identity = api.identity ?? backend?.identity;
  return identity === undefined ? {} : { identity };
}

function routerOf(apis: readonly Api[], onlyClear: ReadonlySet<number>): RouterTable {
  let firstRoute = 0;
  return buildRouterTable(
    apis.map(({ hosts, ports, path, version, revision, operations }) => {
      const routed = {
        hosts,
        ...(ports === undefined ? {} : { ports }),
        path,
        version,
        revision,
        operations,
        firstRoute,
      };
      firstRoute += operations.length;
      return routed;
    }),
    onlyClear,
  );
}

function apiFacts(api: Api, { apis, login }: Definition): ApiFacts {
  const { name, displayName, path, revision, trustedProxies, subscriptionKey, errors, retryMethods } = api;
  const { graphqlSchema, xmlSchema } = api;
  const graphql = graphqlSchema === undefined ? {} : { graphqlSchema };
  const xml = xmlSchema === undefined ? {} : { xmlSchema };
  const version = api.version?.name ?? "";
  return {
    name,
    displayName,
    path,
    version,
    revision,
    trustedProxies,
    subscriptionKey,
    errors,
    retryMethods,
    ...(login !== null && api.login ? { login: true } : {}),
    ...(api.basic === undefined ? {} : { basic: api.basic }),
    ...graphql,
    ...xml,
    ...revisionsOf(api, apis),
  };
}

/** Those that are served at the same place, by other numbers. */
function revisionsOf(api: Api, apis: readonly Api[]): Pick<ApiFacts, "revisions"> {
  if (api.revision === null) return {};
  const place = placeOf(api);
  const others = apis.filter((other) => other !== api && other.revision !== null && placeOf(other) === place);
  return others.length === 0 ? {} : { revisions: others.map(({ name }) => name) };
}

function placeOf({ hosts, path, version }: Api): string {
  return JSON.stringify([hosts.toSorted(), path, version?.set, version?.name]);
}

function productFacts(product: Product, apis: readonly Api[]): ProductFacts {
  const { name, displayName, subscription, members, approvalRequired, subscriptionsLimit, isPublished, groups } =
    product;
  const held = new Set(product.apis);
  const shown = apis
    .filter((api) => held.has(api.name))
    .map(({ name: id, displayName: title, path, subscriptionKey: { header, query } }) => {
      return { name: id, displayName: title, path, subscriptionKey: { header, query } };
    });
  const offer = { approvalRequired, subscriptionsLimit, isPublished, groups, apis: shown };
  return { name, displayName, subscription, members, offer };
}

/** Thousands of operations share a chain. */
function onceEach(decide: (chain: number) => boolean): (chain: number) => boolean {
  const known = new Map<number, boolean>();
  return (chain) => {
    const found = known.get(chain) ?? decide(chain);
    known.set(chain, found);
    return found;
  };
}
