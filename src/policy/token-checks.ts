import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode, Value } from "#model/policy-tree.ts";
import type { Clock, VerifiedToken } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import { argumentOf, listOf, literalText, optionalValue, valuesOf } from "./arguments.ts";
import { linkRequiredClaim } from "./required-claim.ts";
import { type Evaluate, evaluateString } from "./values.ts";

export interface TokenProblem {
  readonly reason: ReasonCode;
  readonly detail: string;
}

export type TokenCheck = (token: VerifiedToken, exchange: Exchange) => TokenProblem | undefined;

/** What a `validate-jwt` asks of a token that is good: provider, issuer, audience, times, claims, in this order. */
export function linkTokenChecks(node: PolicyNode, clock: Clock): TokenCheck {
  const checks = [
    providerCheck(literalText(node, "provider")),
    issuerCheck(texts(valuesOf(node, "issuers"), clock)),
    audienceCheck(texts(valuesOf(node, "audience"), clock)),
    skewCheck(optionalValue(node, "clockSkew"), clock),
    ...listOf(argumentOf(node, "requiredClaims")).map((item) => linkRequiredClaim(item, clock)),
  ];
  return (token, exchange) => {
    for (const check of checks) {
      const problem = check(token, exchange);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function texts(values: readonly Value[], clock: Clock): readonly Evaluate<string>[] {
  return values.map((value) => evaluateString(value, clock));
}

function providerCheck(provider: string | undefined): TokenCheck {
  return (token) =>
    token.provider === provider
      ? undefined
      : { reason: "token-issuer-unknown", detail: `the token is of provider ${token.provider}` };
}

function issuerCheck(issuers: readonly Evaluate<string>[]): TokenCheck {
  return (token, exchange) => {
    if (issuers.length === 0 || issuers.some((issuer) => issuer(exchange) === token.claims["iss"])) return undefined;
    return { reason: "token-issuer-unknown", detail: "the issuer is not one of this policy's" };
  };
}

function audienceCheck(allowed: readonly Evaluate<string>[]): TokenCheck {
  return (token, exchange) => {
    if (allowed.length === 0) return undefined;
    const { aud } = token.claims;
    const sent: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (allowed.some((audience) => sent.includes(audience(exchange)))) return undefined;
    return { reason: "token-audience-not-allowed", detail: "the audience is not one of this policy's" };
  };
}

/** The verifier has applied the provider's tolerance; a smaller one of the policy is applied on top. */
function skewCheck(value: Value | undefined, clock: Clock): TokenCheck {
  if (value?.kind !== "literal") return () => undefined;
  const skewMs = Number(value.value);
  return ({ claims }) => {
    const { exp, nbf } = claims;
    const now = clock.now();
    if (typeof exp !== "number" || exp * 1000 + skewMs <= now) return { reason: "token-expired", detail: "" };
    if (typeof nbf === "number" && nbf * 1000 - skewMs > now) return { reason: "token-not-yet-valid", detail: "" };
    return undefined;
  };
}
