import { assertionLifetimeMs } from "#model/assertion.ts";
import type { Principal } from "#model/principal.ts";

export interface AssertionFacts {
  readonly issuer: string;
  /** Name of the API that the request is for. */
  readonly audience: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Who calls, as claims. `sub` is the provider's; `principal` is it with issuer and tenant, so that two providers'
 * people are never one.
 * @see RFC 7519 §4.1, RFC 8693 §4.1
 */
export function assertionClaims(principal: Principal, facts: AssertionFacts): Readonly<Record<string, unknown>> {
  const issuedAt = Math.floor(facts.now / 1000);
  const { subject, email, groups, sessionId, actor } = principal;
  return {
    iss: facts.issuer,
    aud: facts.audience,
    sub: subject,
    principal: principal.id,
    kind: principal.kind,
    ...(email === undefined ? {} : { email }),
    groups,
    ...(sessionId === undefined ? {} : { sid: sessionId }),
    jti: facts.id,
    iat: issuedAt,
    exp: issuedAt + assertionLifetimeMs / 1000,
    ...(actor === undefined ? {} : { act: actClaim(actor) }),
  };
}

/** Outermost first. Chains are bounded where they are read. */
function actClaim({ subject, issuer, clientId, actor }: Principal): Readonly<Record<string, unknown>> {
  return {
    sub: subject,
    iss: issuer,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(actor === undefined ? {} : { act: actClaim(actor) }),
  };
}
