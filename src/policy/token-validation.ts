import { type Outcome, refuse } from "#model/decision.ts";
import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { type ReasonCode, reasons } from "#model/reasons.ts";
import { literalText } from "./arguments.ts";
import type { Run } from "./context.ts";
import { linkFailedAnswer } from "./failed-answer.ts";
import type { CheckedToken, TokenCheck, TokenProblem } from "./token-checks.ts";
import { linkTokenPlace } from "./token-place.ts";

/** A token that is good as a whole, or what is wrong with it. */
type Settled = CheckedToken | TokenProblem;

type Verdict<Token> = (Token & { readonly ok: true }) | (TokenProblem & { readonly ok: false });

/** What all policies do that hold a request to a token: they find it, keep its claims, and refuse as they are told. */
export function linkValidation(
  node: PolicyNode,
  clock: Clock,
  judge: (token: string, exchange: Exchange) => Settled | Promise<Settled>,
): Run {
  const findToken = linkTokenPlace(node, clock);
  const failedAnswer = linkFailedAnswer(node, clock);
  const outputVariable = literalText(node, "outputVariable");
  return (exchange) => {
    const token = findToken(exchange);
    if (token === undefined) return failed({ reason: "token-missing", detail: "" }, exchange);
    const settled = judge(token, exchange);
    return settled instanceof Promise ? settled.then((late) => finish(late, exchange)) : finish(settled, exchange);
  };

  function finish(settled: Settled, exchange: Exchange): Outcome {
    if ("reason" in settled) return failed(settled, exchange);
    if (outputVariable !== undefined) exchange.setVariable(outputVariable, settled.claims);
    return undefined;
  }

  function failed({ reason, detail, told }: TokenProblem, exchange: Exchange): Outcome {
    // That keys cannot be fetched says nothing about the token: the client should try again, not log in again.
    if (reason === "provider-unavailable") return refuse(reason, { detail });
    const answer = failedAnswer(exchange);
    const headers = answer.status === 401 ? ["WWW-Authenticate", challenge(reason)] : [];
    const lastError = { message: told ?? toldOf(reason) };
    return refuse(reason, { ...answer, headers, lastError, ...(detail === "" ? {} : { detail }) });
  }
}

/** What `context.LastError` says, whatever the client is told: documents compare it. */
function toldOf(reason: ReasonCode): string {
  const { message } = reasons[reason];
  return reason === "token-missing" ? message : `${message} Access denied.`;
}

/** @see RFC 6750 §3: without a token no error is named. */
function challenge(reason: ReasonCode): string {
  return reason === "token-missing" ? "Bearer" : `Bearer error="invalid_token", error_description="${reason}"`;
}

/** A verdict, and the policy's own checks where it is good. */
export function settle<Token extends CheckedToken>(
  verdict: Verdict<Token> | Promise<Verdict<Token>>,
  check: TokenCheck<Token>,
  exchange: Exchange,
): Settled | Promise<Settled> {
  return verdict instanceof Promise
    ? verdict.then((late) => settleNow(late, check, exchange))
    : settleNow(verdict, check, exchange);
}

function settleNow<Token extends CheckedToken>(
  verdict: Verdict<Token>,
  check: TokenCheck<Token>,
  exchange: Exchange,
): Settled {
  return verdict.ok ? (check(verdict, exchange) ?? verdict) : verdict;
}
