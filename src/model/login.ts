import type { Secret } from "./secret.ts";

/** How people log in with a provider. Main alone knows it. */
export interface LoginProvider {
  readonly name: string;
  /** On the page that asks with which provider. */
  readonly label: string;
  /** With the mark of tenants in it, one for each of the tenants. */
  readonly issuer: string;
  /** Ids of the tenants whose people may log in, of an issuer that serves many; absent: the issuer's. */
  readonly tenants?: readonly string[];
  readonly clientId: string;
  /** How this gateway proves itself: by a secret, or by its private key (RFC 7523 `private_key_jwt`). */
  readonly credential:
    | { readonly kind: "secret"; readonly secret: Secret }
    /** PEM (PKCS #8) or a JWK. */
    | { readonly kind: "key"; readonly key: Secret };
  /** `openid` is always among them. */
  readonly scopes: readonly string[];
  /** OpenID Connect `prompt`; null: the provider decides. */
  readonly prompt: string | null;
}

export interface SessionSettings {
  /** Without a request for so long, it is over. */
  readonly idleMs: number;
  /** However busy, it is over then. */
  readonly lifetimeMs: number;
  /** What the provider says of the person is never older than this in a session that is used, if it can be reached. */
  readonly checkMs: number;
}

export interface LoginSettings {
  /** At least one. */
  readonly providers: readonly LoginProvider[];
  readonly session: SessionSettings;
}
