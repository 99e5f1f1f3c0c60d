import type { Clock, Log, Random } from "#model/ports.ts";
import type { WorkloadIssuer } from "./issuer.ts";
import type { Challenge } from "./validate.ts";

/** An external account: whoever has its key may make accounts here. */
export interface ExternalAccount {
  readonly name: string;
  /** HMAC key. */
  readonly key: Uint8Array;
  /** Instead of the server's own; null: those. */
  readonly allow: readonly string[] | null;
  /** Stands in every certificate of it, beside the names of the order. */
  readonly spiffeId: string | null;
}

export interface AcmeServerSettings {
  readonly allow: readonly string[];
  readonly lifetimeMs: number;
  /** Names that it is reached by for certain. Under another one, which is the client's word, no list is named. */
  readonly hosts: readonly string[];
  /** With at least one, an account must be bound to one of them. */
  readonly externalAccounts: readonly ExternalAccount[];
}

export interface AcmeServerOptions {
  readonly settings: AcmeServerSettings;
  readonly issuer: WorkloadIssuer;
  /** Where revocation lists are had over clear HTTP; null: nowhere. */
  readonly clearPort: () => number | null;
  readonly validate: (challenge: Challenge) => Promise<void>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
