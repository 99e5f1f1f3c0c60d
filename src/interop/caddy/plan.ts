/** Releases of Caddy whose spelling differs: 2.6 is Debian's. */
export type CaddyTarget = "2.6" | "2.8";

/** What Caddy is to do, before it is written as a Caddyfile or as JSON. */
export interface CaddyPlan {
  readonly options: CaddyOptions;
  readonly sites: readonly CaddySite[];
}

export interface CaddyOptions {
  /** For accounts with certificate authorities; null: none. */
  readonly email: string | null;
  readonly httpPort: number | null;
  readonly httpsPort: number | null;
  /** `internal`: certificates of Caddy's own CA instead of a public one's. */
  readonly tls: "auto" | "internal";
}

export interface CaddySite {
  readonly hosts: readonly string[];
  readonly routes: readonly CaddyRoute[];
}

/** Steps that run one after the other; the last one answers. */
export interface CaddyRoute {
  /** Null: whatever no route before it has taken. */
  readonly paths: readonly string[] | null;
  readonly steps: readonly CaddyStep[];
}

export type CaddyStep =
  | { readonly kind: "remove-request-headers"; readonly names: readonly string[] }
  | CaddyAsk
  | { readonly kind: "strip-prefix"; readonly prefix: string }
  | { readonly kind: "add-prefix"; readonly prefix: string }
  | CaddyProxy
  | { readonly kind: "respond"; readonly status: number };

/** `forward_auth`. */
export interface CaddyAsk {
  readonly kind: "ask";
  readonly dial: string;
  readonly path: string;
  readonly copied: readonly string[];
  readonly set: readonly FieldValue[];
  readonly trusted: readonly string[];
}

/** `reverse_proxy`. */
export interface CaddyProxy {
  readonly kind: "proxy";
  readonly dials: readonly string[];
  readonly tls: boolean;
  readonly removed: readonly string[];
  readonly set: readonly FieldValue[];
  /** Proxies in front of Caddy whose forwarded headers it carries on. */
  readonly trusted: readonly string[];
  /** As Caddy calls it, with its argument; null: one address, or its default. */
  readonly balance: readonly string[] | null;
  readonly version: "h2c" | null;
}

export interface FieldValue {
  readonly name: string;
  /** May hold Caddy's placeholders. */
  readonly value: string;
}

/** What a definition has that Caddy is not told, or cannot be. */
export interface CaddyNote {
  /** `error`: nothing is written. `changed`: what is written means something else. `note`: worth knowing. */
  readonly severity: "error" | "changed" | "note";
  readonly code: string;
  /** `edge.https`, `apis.orders`. */
  readonly place: string;
  readonly message: string;
  readonly fix: string;
}
