import type { Entry } from "./difference.ts";

/** What stands in lists of the definition, by the word that people have for one of them. */
const kinds: Readonly<Record<string, string>> = {
  apis: "API",
  backends: "backend",
  products: "product",
  subscriptions: "subscription",
  providers: "identity provider",
  basicUsers: "list of users",
  connections: "connection",
  approvals: "approval",
  exceptions: "exception",
  loggers: "logger",
  sinks: "sink",
  schemas: "schema",
  xmlSchemas: "schema",
  namedCertificates: "certificate",
  fabricClusters: "cluster",
  scim: "user directory",
  secretRotations: "secret schedule",
};

/** Which entry a path of the definition's tree is in, and where in it. */
export function entryOf(path: readonly string[]): { readonly entry: Entry; readonly place: readonly string[] } {
  const [section = "", name, part, operation] = path;
  const kind = kinds[section];
  if (kind === undefined) return { entry: { kind: "definition", name: section }, place: path.slice(1) };
  // The list itself: its order.
  if (name === undefined) return { entry: { kind: "definition", name: section }, place: [] };
  if (section === "apis" && part === "operations" && operation !== undefined) {
    return { entry: { kind: "operation", name: `${name}.${operation}` }, place: path.slice(4) };
  }
  return { entry: { kind, name }, place: path.slice(2) };
}

/** `targets[0].url`. */
export function placeText(place: readonly string[]): string {
  return place.map((part, at) => (/^\d+$/.test(part) ? `[${part}]` : at === 0 ? part : `.${part}`)).join("");
}
