import type { Secret } from "./secret.ts";

/**
 * Something that is called with a token of its own, which its authorization server gives: what API Management calls a
 * connection of a credential provider.
 */
export interface Connection {
  readonly provider: string;
  readonly name: string;
  /** https, or http on this machine. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly client: ConnectionClient;
  readonly grant: ConnectionGrant;
  /**
   * Of an exchange: whose token goes along as that of whoever acts for the caller: the client's own, or the one that the
   * actor has shown. RFC 8693 §2.1
   */
  readonly actor: "none" | "client" | "caller";
  readonly scopes: readonly string[];
  /** More parameters of the token request, such as `audience` and `resource`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Principals whose tokens may be shown for it: {@link ConnectionUsers}. */
  readonly users: readonly string[];
}

/**
 * What a token is given for. `client-credentials`: who the gateway is (RFC 6749 §4.4). `token-exchange`: the caller's
 * token (RFC 8693). `on-behalf-of`: the same as Entra ID has it, over RFC 7523.
 */
export type ConnectionGrant = "client-credentials" | "token-exchange" | "on-behalf-of";

/** By what the gateway proves at the token endpoint which client it is. */
export type ConnectionClient =
  /** RFC 6749 §2.3.1: in the form, or in Authorization. */
  | { readonly kind: "secret"; readonly secret: Secret; readonly in: "body" | "header" }
  /** `private_key_jwt` (RFC 7523 §2.2); with the certificate that the key is of, where the server knows it by that. */
  | {
      readonly kind: "assertion";
      /** PEM. */
      readonly key: Secret;
      readonly keyId: string | null;
      readonly chainPem: string | null;
    }
  /** Mutual TLS (RFC 8705 §2). */
  | { readonly kind: "certificate"; readonly chainPem: string; readonly key: Secret };

/** Who may use a connection where a policy asks for it in somebody's name. All that workers know of it. */
export interface ConnectionUsers {
  readonly provider: string;
  readonly name: string;
  /** Ids of principals, which name their issuer. */
  readonly users: readonly string[];
}

/** Tokens of connections. */
export interface Connections {
  /**
   * @returns without a promise while there is a good one
   * @throws GatewayError `connection-failed`, also when there is no such connection
   */
  token(provider: string, name: string): string | Promise<string>;
}

/** What `get-authorization-context` leaves in a variable. */
export class ConnectionCredential {
  readonly accessToken: string;
  readonly claims: Readonly<Record<string, unknown>> = Object.freeze({});

  constructor(accessToken: string) {
    this.accessToken = accessToken;
  }
}
