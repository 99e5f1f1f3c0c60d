/** A kind of what stands in a definition by name. */
export interface EntryKind {
  /** As the command line and the admin API call it. */
  readonly name: string;
  /** What one of them is, in words. */
  readonly one: string;
  /** The map that they stand in. */
  readonly path: (environment: string) => readonly string[];
}

const at =
  (...path: readonly string[]) =>
  (): readonly string[] =>
    path;

export const entryKinds: readonly EntryKind[] = [
  { name: "apis", one: "API", path: at("apis") },
  { name: "products", one: "product", path: at("products") },
  { name: "subscriptions", one: "declared subscription", path: at("subscriptions") },
  { name: "backends", one: "backend", path: at("backends") },
  {
    name: "named-values",
    one: "named value of the environment",
    path: (environment) => ["environments", environment, "values"],
  },
  { name: "certificates", one: "certificate", path: at("certificates") },
  { name: "fragments", one: "policy fragment", path: at("fragments") },
  { name: "loggers", one: "logger", path: at("loggers") },
  { name: "version-sets", one: "version set", path: at("versionSets") },
  { name: "schemas", one: "schema", path: at("schemas") },
  { name: "connections", one: "credential provider of connections", path: at("connections") },
  { name: "providers", one: "identity provider", path: at("identity", "providers") },
];
