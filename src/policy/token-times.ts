import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode } from "#model/policy-tree.ts";
import type { Clock } from "#model/ports.ts";
import { optionalValue } from "./arguments.ts";
import { evaluateDuration } from "./duration.ts";
import type { CheckedToken, TokenCheck, TokenProblem } from "./token-checks.ts";
import { evaluateBoolean } from "./values.ts";

const maxSkewMs = 600_000;

/** `exp` and `nbf` of a token that only the policy believes; nobody has looked at them before. @see RFC 7519 §4.1.4 */
export function linkTokenTimes(node: PolicyNode, clock: Clock): TokenCheck {
  const given = optionalValue(node, "clockSkew");
  const skew = given === undefined ? () => 0 : evaluateDuration(given, clock, 0, maxSkewMs);
  const asked = optionalValue(node, "requireExpirationTime");
  const required = asked === undefined ? () => true : evaluateBoolean(asked, clock);
  return (token, exchange) => checkTimes(token, clock.now(), skew(exchange), required(exchange));
}

function checkTimes(
  { claims }: CheckedToken,
  now: number,
  skewMs: number,
  required: boolean,
): TokenProblem | undefined {
  const { exp, nbf } = claims;
  if (exp === undefined) {
    if (required) return { reason: "token-claim-missing", detail: "exp" };
  } else if (!isNumericDate(exp)) return { reason: "token-claim-not-allowed", detail: "exp is not a number" };
  else if (now >= exp * 1000 + skewMs) return { reason: "token-expired", detail: `exp ${exp}` };
  if (nbf === undefined) return undefined;
  if (!isNumericDate(nbf)) return { reason: "token-claim-not-allowed", detail: "nbf is not a number" };
  return now < nbf * 1000 - skewMs ? { reason: "token-not-yet-valid", detail: `nbf ${nbf}` } : undefined;
}

/** A string of digits is not a number: comparing it would convert, and `"9e99"` never expires. */
function isNumericDate(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

/** Narrows further what the provider's verifier has let pass. */
export function linkNarrowerTimes(node: PolicyNode, clock: Clock): TokenCheck {
  const given = optionalValue(node, "clockSkew");
  if (given === undefined) return () => undefined;
  const skew = evaluateDuration(given, clock, 0, maxSkewMs);
  return (token, exchange: Exchange) => checkTimes(token, clock.now(), skew(exchange), true);
}
