/** An access token that was had for this gateway, with its times. */
export interface IdentityToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** From when on a new one should be had. */
  readonly refreshAt: number;
  /** Of an exchanged one: who acts by it, outermost first. */
  readonly actors?: readonly string[];
}

/** Tokens of the gateway's own identity: from the platform that it runs on, wherever that says. */
export interface ManagedIdentity {
  /**
   * @param clientId of a user-assigned identity; empty: the system's own, or the only one
   * @returns without a promise while there is a good one
   * @throws GatewayError `managed-identity-failed`
   */
  token(resource: string, clientId: string): string | Promise<string>;
}
