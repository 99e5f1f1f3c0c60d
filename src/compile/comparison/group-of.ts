import { Secret } from "#model/secret.ts";
import type { DifferenceGroup, Entry } from "./difference.ts";

interface Rule {
  readonly group: DifferenceGroup;
  /** Any when absent. */
  readonly kind?: string;
  readonly name?: string;
  /** What the place begins with; any when absent. */
  readonly heads?: readonly string[];
}

/** The first that fits says what a difference is about. */
const rules: readonly Rule[] = [
  { group: "exception", kind: "exception" },
  { group: "policy", heads: ["policies"] },
  { group: "policy", kind: "definition", name: "policies" },
  { group: "access", heads: ["access"] },
  {
    group: "access",
    kind: "product",
    heads: ["apis", "subscription", "members", "approvalRequired", "groups", "isPublished"],
  },
  { group: "access", kind: "subscription", heads: ["scope", "state", "owner", "endsAt"] },
  { group: "access", kind: "API", heads: ["clientCertificate", "basic", "login", "forwardAuth", "trustedProxies"] },
  { group: "access", kind: "operation", heads: ["clientCertificate"] },
  { group: "access", kind: "API", heads: ["subscriptionKey"] },
  { group: "access", kind: "approval" },
  { group: "access", kind: "user directory" },
  { group: "access", kind: "definition", name: "acmeServers" },
  { group: "access", kind: "definition", name: "actorHeader" },
  { group: "access", kind: "definition", name: "admin" },
  { group: "access", kind: "definition", name: "assertion" },
  { group: "access", kind: "definition", name: "cliLogin" },
  { group: "access", kind: "definition", name: "groupReaders" },
  { group: "access", kind: "definition", name: "login" },
  { group: "access", kind: "identity provider" },
  { group: "access", kind: "list of users" },
  {
    group: "access",
    kind: "definition",
    name: "edge",
    heads: ["clientCertificates", "listenerCertificates", "trustedProxies", "forwardAuth"],
  },
  { group: "host", kind: "API", heads: ["hosts"] },
  {
    group: "address",
    kind: "definition",
    name: "edge",
    heads: ["https", "http", "proxyProtocol", "advertisedPorts", "tls"],
  },
  { group: "address", kind: "definition", name: "certificates" },
  { group: "address", kind: "definition", name: "acme" },
  { group: "backend", kind: "backend" },
  { group: "backend", kind: "API", heads: ["backend"] },
  { group: "backend", kind: "operation", heads: ["backend"] },
];

export function groupOf(entry: Entry, place: readonly string[], before: unknown, after: unknown): DifferenceGroup {
  if (before instanceof Secret || after instanceof Secret || place.at(-1) === "origin") return "secret";
  const rule = rules.find(
    ({ kind, name, heads }) =>
      (kind === undefined || kind === entry.kind) &&
      (name === undefined || name === entry.name) &&
      (heads === undefined || heads.includes(place[0] ?? "")),
  );
  return rule?.group ?? "setting";
}
