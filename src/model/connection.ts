import type { Secret } from "./secret.ts";

/**
 * Something that is called with a token of its own, which its authorization server gives for the client's credentials:
 * what API Management calls a connection of a credential provider.
 * @see RFC 6749 §4.4
 */
export interface Connection {
  readonly provider: string;
  readonly name: string;
  /** https, or http on this machine. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Where the token endpoint wants the credentials: in the form, or in Authorization. RFC 6749 §2.3.1 */
  readonly credentialsIn: "body" | "header";
  readonly scopes: readonly string[];
  /** More parameters of the token request, such as `audience` and `resource`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Principals whose tokens may be shown for it: {@link ConnectionUsers}. */
  readonly users: readonly string[];
}

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
