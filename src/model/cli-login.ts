/** How people log in from a command line: what this gateway tells it. Nothing of it is secret. */
export interface CliLogin {
  /** Of the provider; of one with many tenants it has their mark in it, and the command line says which. */
  readonly issuer: string;
  /** A public client there. */
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** What the tokens are for (RFC 8707); null: the provider decides. */
  readonly resource: string | null;
  /** What some providers call it. */
  readonly audience: string | null;
  /** OpenID Connect `prompt`; null: the provider decides. */
  readonly prompt: string | null;
}
