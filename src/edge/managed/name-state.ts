import type { RevocationReason } from "#model/revocation.ts";
import type { ChallengeType } from "#edge/acme/resources.ts";
import type { PlannedRenewal } from "./schedule.ts";

/** Why the last try failed. */
export interface Failure {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly issuer: string;
  readonly challenge: ChallengeType | null;
  /** Of the authority's problem document; empty when it was none. */
  readonly type: string;
  /** The authority's own words where it said any. */
  readonly text: string;
}

/** What is kept of one name besides its certificate. */
export interface NameState {
  /** Directory URL of the authority that issued the certificate in use. */
  readonly issuer: string | null;
  readonly planned: PlannedRenewal | null;
  /** Tries that failed in a row. */
  readonly failures: number;
  readonly failingSince: number | null;
  readonly lastFailure: Failure | null;
  /** Authorities that gave none at the last try, before the one that issued or is in `lastFailure`. */
  readonly passedOver: readonly Failure[];
  /** Null: when it is due, or, after failures, given up. */
  readonly nextTryAt: number | null;
  /** Somebody asked for another certificate: it is ordered at once. */
  readonly replace: Replacement | null;
  /** A certificate that was replaced and is still to be revoked. */
  readonly toRevoke: Revocation | null;
}

export interface Replacement {
  /** The one before is revoked, when the new one is there. */
  readonly revoke: RevocationReason | null;
}

export interface Revocation {
  /** Directory URL of the authority that issued it. */
  readonly issuer: string;
  readonly chainPem: string;
  readonly reason: RevocationReason;
}

export const freshState: NameState = {
  issuer: null,
  planned: null,
  failures: 0,
  failingSince: null,
  lastFailure: null,
  passedOver: [],
  nextTryAt: null,
  replace: null,
  toRevoke: null,
};

/** An order under way: with it the next process goes on where this one ended. */
export interface PendingOrder {
  readonly issuer: string;
  readonly challenge: ChallengeType;
  readonly url: string;
  /** Key of the certificate to come, PKCS #8 PEM. */
  readonly keyPem: string;
}
