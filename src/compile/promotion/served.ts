import { compileSnapshot } from "#compile/compile.ts";
import type { Definition } from "#model/definition.ts";
import type { AccessPlan, Chain, Route, Snapshot } from "#model/snapshot.ts";

/** An operation as callers meet it. */
export interface ServedOperation {
  /** `operation orders.get`. */
  readonly subject: string;
  readonly api: string;
  /** `GET /orders/{id}`, with what else a request needs to get there. */
  readonly address: string;
  readonly access: AccessPlan;
  /** By product; "": of a request in none. */
  readonly chains: ReadonlyMap<string, Chain>;
  /** Null: it has none. */
  readonly backend: string | null;
  readonly bodyBytes: number;
  /** It answers 503. */
  readonly isMaintained: boolean;
}

/** A definition beside what it comes to. */
export interface Served {
  readonly definition: Definition;
  readonly operations: ReadonlyMap<string, ServedOperation>;
}

export function servedBy(definition: Definition): Served {
  const snapshot = compileSnapshot(definition);
  const operations = snapshot.routes.map((route) => operationOf(snapshot, definition, route));
  return { definition, operations: new Map(operations.map((one) => [one.subject, one])) };
}

function operationOf(
  { apis, chains, products, backends }: Snapshot,
  definition: Definition,
  route: Route,
): ServedOperation {
  const api = apis[route.api]?.name ?? "";
  const { version, revision } = definition.apis.find(({ name }) => name === api) ?? {};
  const query = route.query === undefined ? "" : ` with ${JSON.stringify(route.query)}`;
  const scheme =
    version === null || version === undefined
      ? ""
      : ` version ${JSON.stringify([version.name, version.scheme, version.isDefault])}`;
  const number = revision === null || revision === undefined || revision.current ? "" : ` revision ${revision.number}`;
  const own = route.chains.map(
    ({ product, chain }) => [products[product]?.name ?? "", chains[chain] as Chain] as const,
  );
  return {
    subject: `operation ${api}.${route.operation}`,
    api,
    address: `${route.method} ${route.template}${query}${scheme}${number}`,
    access: route.access,
    chains: new Map(own),
    backend: backends[route.backend]?.name ?? null,
    bodyBytes: route.bodyBytes,
    isMaintained: route.maintenance !== null,
  };
}
