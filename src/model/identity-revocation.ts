/** What can be taken back: everybody's `principal.id`, one token by its id or digest, a client, a client that is an agent. */
export type RevocationKind = "principal" | "token" | "client" | "agent";

export const revocationKinds: readonly RevocationKind[] = ["principal", "token", "client", "agent"];

export interface RevokedId {
  readonly kind: RevocationKind;
  readonly id: string;
}

export interface Revocation extends RevokedId {
  /** Milliseconds since the epoch, from which it holds no longer; null: until it is lifted. */
  readonly until: number | null;
  /** For people; empty: none was given. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly revokedAt: number;
}

export type RevocationChange =
  | { readonly put: Revocation; readonly lift?: undefined }
  | { readonly lift: RevokedId; readonly put?: undefined };
