import type { Grant } from "./grants.ts";

export type PrincipalKind = "user" | "service" | "agent" | "anonymous";

export type AuthMethod =
  | "none"
  | "token"
  | "subscription-key"
  | "session"
  | "basic"
  | "client-certificate"
  | "unix-socket"
  | "webhook-signature";

/** Who a request is made by, from the first door to the record. Frozen once made. */
export interface Principal {
  /** `issuer|tenant|subject` (tenant empty when the issuer has none); `anonymous` for nobody. Never empty. */
  readonly id: string;
  readonly kind: PrincipalKind;
  readonly issuer: string;
  readonly subject: string;
  readonly tenant?: string;
  readonly displayName?: string;
  readonly email?: string;
  readonly groups: readonly string[];
  /** There are more groups than the provider writes into a token, so `groups` is empty. */
  readonly groupsLeftOut?: true;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly authMethod: AuthMethod;
  readonly sessionId?: string;
  /** The token's `jti` or `uti`. */
  readonly tokenId?: string;
  /** Of what is signed of the token: links records without holding it. See `token-digest.ts`. */
  readonly tokenDigest?: string;
  readonly clientId?: string;
  /** Who acts for this principal, outermost first (RFC 8693 `act`). */
  readonly actor?: Principal;
  /** Names of the approvals that are in force for it now; absent: none. */
  readonly approvals?: readonly string[];
  /** The same approvals, with the requests that they were given for. For the record. */
  readonly grants?: readonly Grant[];
  /** Provider name in the definition. */
  readonly provider?: string;
  /** The verified claims, as the issuer wrote them; empty when there was no token. */
  readonly claims: Readonly<Record<string, unknown>>;
}

export const anonymous: Principal = Object.freeze({
  id: "anonymous",
  kind: "anonymous",
  issuer: "",
  subject: "",
  groups: Object.freeze([]),
  roles: Object.freeze([]),
  scopes: Object.freeze([]),
  authMethod: "none",
  claims: Object.freeze({}),
});
