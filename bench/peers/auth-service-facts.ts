import type { JSONWebKeySet } from "jose";

/** What the service behind Caddy's forward_auth is told. */
export interface AuthServiceFacts {
  readonly port: number;
  /** Subscription keys that are good. */
  readonly keys: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  /** What a token must have among its scopes. */
  readonly scope: string;
  readonly jwks: JSONWebKeySet;
}
