import type { StepResult } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { TokenVerdict, TokenVerifier } from "#model/ports.ts";
import type { Revocations } from "./revocations.ts";

/** A verifier for policies, that refuses what has been revoked. */
export function unrevokedTokens(tokens: TokenVerifier, revocations: Revocations): TokenVerifier {
  const judged = (verdict: TokenVerdict): TokenVerdict => {
    const refusal = verdict.ok ? revocations.refusalOf(verdict.principal) : undefined;
    if (refusal === undefined) return verdict;
    return { ok: false, reason: refusal.reason, detail: refusal.detail ?? "" };
  };
  const later = (verdict: TokenVerdict | Promise<TokenVerdict>): TokenVerdict | Promise<TokenVerdict> =>
    verdict instanceof Promise ? verdict.then(judged) : judged(verdict);
  return { verify: (token) => later(tokens.verify(token)), verifyBound: (token) => later(tokens.verifyBound(token)) };
}

/** Authentication, and then whether the principal that it found has been revoked, however it was found. */
export function unrevoked(
  authenticate: (exchange: Exchange) => StepResult,
  revocations: Revocations,
): (exchange: Exchange) => StepResult {
  return (exchange) => {
    const outcome = authenticate(exchange);
    if (outcome instanceof Promise) return outcome.then((late) => late ?? revocations.refusalOf(exchange.principal));
    return outcome ?? revocations.refusalOf(exchange.principal);
  };
}
