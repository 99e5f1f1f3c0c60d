import { sessionCookie, sessionDigest } from "#identity/login/session-id.ts";
import { sessionPrincipal } from "#identity/login/session-principal.ts";
import type { Refusal } from "#model/decision.ts";
import type { Principal } from "#model/principal.ts";
import type { SessionFacts } from "#model/session.ts";
import type { SiteRequest } from "#model/site.ts";
import type { SitePorts } from "#site/ports.ts";

export interface CurrentSession {
  readonly kind: "session";
  readonly facts: SessionFacts;
  readonly principal: Principal;
}

/**
 * Who asks one of the gateway's own pages, by their session; null: nobody that is known. A refusal: whoever it is of is
 * not let in any more, which no other login would change.
 * @param isUsed false: a program looks, and no person does anything
 */
export async function currentSession(
  { cookies, host }: SiteRequest,
  { login }: Pick<SitePorts, "login">,
  isUsed: boolean = true,
): Promise<CurrentSession | Refusal | null> {
  const id = cookies.get(sessionCookie);
  if (id === undefined || !login.ids.isOurs(id)) return null;
  const facts = await login.sessions.find({ digest: sessionDigest(id), host, isUsed });
  const mapping = facts && login.mapping(facts.provider);
  const principal = mapping && sessionPrincipal(facts.handle, facts.claims, mapping);
  if (!principal) return null;
  const now = login.standing(principal);
  if (now.kind === "refusal") return now;
  const grouped = await login.groups().of(now);
  if (grouped !== null && "reason" in grouped) return grouped;
  return { kind: "session", facts, principal: grouped?.principal ?? now };
}
