import { type Party, partyOf } from "#model/access-requests.ts";
import type { Principal } from "#model/principal.ts";

/**
 * Whether somebody who decides is whoever asked, or has decided before, in any guise: as itself, as an agent of it, through an agent of it, or
 * under another identity of the same user, or with the same verified address. In doubt it is: nobody decides about themselves.
 */
export function isSameParty(asked: Party, principal: Principal, user: string | null): boolean {
  const decider = partyOf(principal, user);
  if (user !== null && user === asked.user) return true;
  const ids = new Set([asked.id, ...asked.actors]);
  if ([decider.id, ...decider.actors].some((id) => ids.has(id))) return true;
  return decider.email !== "" && decider.email.toLowerCase() === asked.email.toLowerCase();
}
