/**
 * What Authorization says to a backend, besides what stands in its credentials. Names only: what tokens are had with
 * stays on the control thread.
 */
export type BackendAuthorization =
  /** What the client has sent, or a policy has written. */
  | { readonly kind: "original" }
  /** What a policy has written; what the client has sent stays here. */
  | { readonly kind: "none" }
  | BackendToken;

/** A token that the gateway has for the backend, instead of whatever was there. */
export type BackendToken =
  | {
      readonly kind: "managed-identity";
      readonly resource: string;
      /** Of a user-assigned identity; empty: the system's own, or the only one. */
      readonly clientId: string;
    }
  | {
      readonly kind: "connection";
      readonly provider: string;
      readonly name: string;
      /** The caller's own token is exchanged for it: each caller has one of their own. */
      readonly exchanges: boolean;
      /** The token that whoever acts has shown goes along. */
      readonly actor?: true;
    };
