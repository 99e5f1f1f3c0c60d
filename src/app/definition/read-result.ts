import type { ProductState } from "#admin/ports.ts";
import type { LoadResult } from "#config/load.ts";
import type { Definition } from "#model/definition.ts";
import type { RouterTable, Snapshot } from "#model/snapshot.ts";
import type { PackedValue } from "#threads/packed/packed-value.ts";

/** What the control plane needs of a definition: routes and their policies go to the workers, and past it. */
export interface ControlDefinition extends Omit<Definition, "apis" | "policies" | "products"> {
  readonly apiNames: readonly string[];
  /** Of each API the names of its operations, one a line: however many there are, a text is handed over at once. */
  readonly operationNames: readonly string[];
  readonly products: readonly ProductState[];
}

/** What the control plane needs of a snapshot. */
export interface ControlSnapshot extends Pick<
  Snapshot,
  "hash" | "environment" | "edge" | "egress" | "audit" | "cache" | "backends" | "hosts"
> {
  readonly router: Pick<RouterTable, "exactHosts" | "wildcardHosts" | "anyHost">;
  /** Names of the query parameters that carry subscription keys. */
  readonly keyQueries: readonly string[];
  readonly apis: number;
  readonly operations: number;
}

/** A snapshot as main has it: what it needs itself, and the whole for the workers. */
export interface CompiledSnapshot {
  readonly control: ControlSnapshot;
  readonly packed: PackedValue;
}

/** A definition that was read, with its snapshot. */
export interface ReadResult extends Omit<LoadResult, "definition"> {
  /** Null when there is any error. */
  readonly definition: ControlDefinition | null;
  /** Null without a definition, and where {@link problem} says why. */
  readonly compiled: CompiledSnapshot | null;
  /** What stands against a snapshot of a definition without errors; null: nothing. */
  readonly problem: string | null;
}

/** A definition without errors. */
export interface Loaded extends ReadResult {
  readonly definition: ControlDefinition;
}

export function isLoaded(result: ReadResult): result is Loaded {
  return result.definition !== null;
}

export function controlDefinition(definition: Definition): ControlDefinition {
  const { apis, policies: _, products, ...control } = definition;
  return {
    ...control,
    apiNames: apis.map(({ name }) => name),
    operationNames: apis.map(({ operations }) => operations.map(({ name }) => name).join("\n")),
    products: products.map(({ policies: _documents, at: _at, ...product }) => product),
  };
}

export function controlSnapshot(snapshot: Snapshot): ControlSnapshot {
  const { exactHosts, wildcardHosts, anyHost } = snapshot.router;
  return {
    hash: snapshot.hash,
    environment: snapshot.environment,
    edge: snapshot.edge,
    egress: snapshot.egress,
    audit: snapshot.audit,
    cache: snapshot.cache,
    backends: snapshot.backends,
    hosts: snapshot.hosts,
    router: { exactHosts, wildcardHosts, anyHost },
    keyQueries: keyQueriesOf(snapshot),
    apis: snapshot.apis.length,
    operations: snapshot.routes.length,
  };
}

export function keyQueriesOf({ apis }: Pick<Snapshot, "apis">): readonly string[] {
  return [...new Set(apis.map(({ subscriptionKey }) => subscriptionKey.query))];
}

export function hasOperation(
  { apiNames, operationNames }: Pick<ControlDefinition, "apiNames" | "operationNames">,
  api: string,
  operation: string,
): boolean {
  const names = operationNames[apiNames.indexOf(api)] ?? "";
  return !operation.includes("\n") && `\n${names}\n`.includes(`\n${operation}\n`);
}
