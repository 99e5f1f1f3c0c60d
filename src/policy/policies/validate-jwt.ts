import { type Outcome, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { TokenVerdict } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { literalText } from "#policy/arguments.ts";
import type { LinkContext, Run } from "#policy/context.ts";
import { linkFailedAnswer } from "#policy/failed-answer.ts";
import { linkTokenChecks, type TokenProblem } from "#policy/token-checks.ts";
import { linkTokenPlace } from "#policy/token-place.ts";

/**
 * Narrows: the token must be good (the verifier's work), of this provider, and pass this policy's own checks. Who
 * the principal is was settled by identity before and does not change here.
 */
export function link(node: PolicyNode, context: LinkContext): Run {
  const { tokens, clock } = context.ports;
  const findToken = linkTokenPlace(node, clock);
  const check = linkTokenChecks(node, clock);
  const failedAnswer = linkFailedAnswer(node, clock);
  const outputVariable = literalText(node, "outputVariable");
  return (exchange) => {
    const token = findToken(exchange);
    if (token === undefined) return failed({ reason: "token-missing", detail: "" }, exchange);
    const verdict = tokens.verify(token);
    return verdict instanceof Promise ? verdict.then((late) => settle(late, exchange)) : settle(verdict, exchange);
  };

  function settle(verdict: TokenVerdict, exchange: Exchange): Outcome {
    const problem = verdict.ok ? check(verdict, exchange) : verdict;
    if (problem !== undefined) return failed(problem, exchange);
    if (outputVariable !== undefined && verdict.ok) exchange.setVariable(outputVariable, verdict.claims);
    return undefined;
  }

  function failed({ reason, detail }: TokenProblem, exchange: Exchange): Outcome {
    // That keys cannot be fetched says nothing about the token: the client should try again, not log in again.
    if (reason === "provider-unavailable") return refuse(reason, { detail });
    const answer = failedAnswer(exchange);
    const headers = answer.status === 401 ? ["WWW-Authenticate", challenge(reason)] : [];
    return refuse(reason, { ...answer, headers, ...(detail === "" ? {} : { detail }) });
  }
}

/** @see RFC 6750 §3: without a token no error is named. */
function challenge(reason: ReasonCode): string {
  return reason === "token-missing" ? "Bearer" : `Bearer error="invalid_token", error_description="${reason}"`;
}
