import type { Principal } from "./principal.ts";

export type AccessState = "pending" | "active" | "rejected" | "withdrawn" | "lapsed" | "expired" | "revoked";

export type AccessStepName =
  | "request"
  | "approve"
  | "grant"
  | "reject"
  | "withdraw"
  | "lapse"
  | "break-glass"
  | "expire"
  | "revoke";

/** Who takes part in a request, as it was known then: what is shown, and what tells two parties apart. */
export interface Party {
  readonly id: string;
  readonly kind: Principal["kind"];
  readonly name: string;
  readonly email: string;
  /** Ids of who acted for it, outermost first. */
  readonly actors: readonly string[];
  /** Id of the user of the directory that it is; null: of none. */
  readonly user: string | null;
  /** By what it is found again, to see whether its word counts still. Absent: of a step from before this was kept. */
  readonly origin?: Pick<Principal, "subject" | "provider" | "clientId">;
}

/** Who did what, when and why. */
export interface AccessStep {
  readonly step: AccessStepName;
  /** Null: the gateway's clock. */
  readonly by: Party | null;
  /** Whose delegate `by` was. */
  readonly behalfOf: Party | null;
  readonly comment: string;
  /** Of an approval: keys of the rules that mean whoever gives it, as they were in the definition then. */
  readonly rules: readonly string[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** One request for one approval, with all that has become of it. */
export interface AccessRequest {
  readonly id: string;
  readonly approval: string;
  /** Whose requests carry the approval once it is granted: see {@link granteeOf}. */
  readonly grantee: string;
  readonly requester: Party;
  readonly reason: string;
  readonly durationMs: number;
  readonly state: AccessState;
  readonly isBreakGlass: boolean;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  /** When it lapses unless it is answered. */
  readonly answerBy: number;
  readonly startsAt: number | null;
  readonly endsAt: number | null;
  readonly steps: readonly AccessStep[];
}

/** An approver lets somebody else decide for a while. */
export interface Delegation {
  readonly id: string;
  /** With what rules look at, as it was when this was made; without claims. */
  readonly from: Principal;
  /** Id of the user of the directory that this is; null: of none. */
  readonly fromUser: string | null;
  /** Id of a principal. */
  readonly to: string;
  /** Null: for every approval. */
  readonly approval: string | null;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly createdAt: number;
}

/**
 * Whom a grant is for. An agent acting for somebody is another party than that person alone: neither gets what was
 * granted to the other.
 */
export function granteeOf(principal: Principal): string {
  return principal.actor === undefined ? principal.id : JSON.stringify([principal.id, ...actorsOf(principal)]);
}

/** @param user id of the user of the directory that it is */
export function partyOf(principal: Principal, user: string | null): Party {
  const { id, kind, displayName = "", email = "", subject, provider, clientId } = principal;
  const origin = {
    subject,
    ...(provider === undefined ? {} : { provider }),
    ...(clientId === undefined ? {} : { clientId }),
  };
  return { id, kind, name: displayName, email, actors: actorsOf(principal), user, origin };
}

function actorsOf({ actor }: Principal): readonly string[] {
  const actors: string[] = [];
  for (let one = actor; one !== undefined; one = one.actor) actors.push(one.id);
  return actors;
}
