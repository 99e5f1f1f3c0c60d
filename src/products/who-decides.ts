import type { AccessRequest, Delegation } from "#model/access-requests.ts";
import type { Approval, PartyRule } from "#model/approvals.ts";
import type { Principal } from "#model/principal.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { isSameParty } from "./same-party.ts";
import { ruleKey } from "./votes.ts";

/** Whether a rule of the definition means a principal. A rule that fails means nobody. */
export type Fits = (rule: PartyRule, principal: Principal) => boolean;

/** Who wants to decide, and which user of the directory that is; null: none. */
export interface Decider {
  readonly principal: Principal;
  readonly user: string | null;
}

/** Somebody may decide about a request. */
export interface Standing {
  readonly kind: "standing";
  /** Whose delegate it is; null: for itself. */
  readonly behalfOf: Decider | null;
  readonly rules: readonly string[];
}

export interface NoStanding {
  readonly kind: "none";
  readonly reason: ReasonCode;
  readonly message: string;
}

/**
 * May this principal decide about the request? Never about its own, however it comes; never an agent for somebody, as a
 * decision is a person's; and a key names nobody.
 */
export function standingOf(
  { principal: decider, user }: Decider,
  { requester }: Pick<AccessRequest, "requester">,
  approval: Approval,
  delegations: readonly Delegation[],
  fits: Fits,
): Standing | NoStanding {
  if (decider.kind === "anonymous" || decider.authMethod === "subscription-key")
    return no("credentials-missing", "a decision takes an identity, not a key");
  if (decider.actor !== undefined) return no("agent-not-allowed", "an agent does not decide for whom it acts");
  if (isSameParty(requester, decider, user))
    return no("approver-not-allowed", "nobody decides about their own request");
  const own = keysFor(decider, approval, fits);
  if (own.length > 0) return { kind: "standing", behalfOf: null, rules: own };
  for (const { from, fromUser } of delegations.filter((one) => delegates(one, decider, approval))) {
    const rules = isSameParty(requester, from, fromUser) ? [] : keysFor(from, approval, fits);
    if (rules.length > 0) return { kind: "standing", behalfOf: { principal: from, user: fromUser }, rules };
  }
  return no("approver-not-allowed", `no rule of ${approval.name} names you as an approver`);
}

export function keysFor(principal: Principal, { approvers }: Approval, fits: Fits): readonly string[] {
  return approvers.rules.filter((rule) => fits(rule, principal)).map(ruleKey);
}

function delegates({ to, approval }: Delegation, { id }: Principal, { name }: Approval): boolean {
  return to === id && (approval === null || approval === name);
}

function no(reason: ReasonCode, message: string): NoStanding {
  return { kind: "none", reason, message };
}
