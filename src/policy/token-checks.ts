import type { Exchange } from "#model/exchange.ts";
import type { PolicyNode, Value } from "#model/policy-tree.ts";
import type { Clock, VerifiedToken } from "#model/ports.ts";
import type { ReasonCode } from "#model/reasons.ts";
import type { TrustVerdict } from "#model/token-trust.ts";
import { argumentOf, listOf, literalText, valuesOf } from "./arguments.ts";
import { linkRequiredClaim, presenceCheck } from "./required-claim.ts";
import { linkNarrowerTimes, linkTokenTimes } from "./token-times.ts";
import { type Evaluate, evaluateString } from "./values.ts";

export interface TokenProblem {
  readonly reason: ReasonCode;
  readonly detail: string;
  /** For `context.LastError` alone: it may quote the token. */
  readonly told?: string;
}

/** A token whose signature is good. */
export interface CheckedToken {
  readonly claims: Readonly<Record<string, unknown>>;
}

export type TokenCheck<Token extends CheckedToken = CheckedToken> = (
  token: Token,
  exchange: Exchange,
) => TokenProblem | undefined;

/** What a `validate-jwt` asks of a token of a provider: provider, issuer, audience, times, claims, in this order. */
export function linkTokenChecks(node: PolicyNode, clock: Clock): TokenCheck<VerifiedToken> {
  return inOrder([
    providerCheck(literalText(node, "provider")),
    issuerCheck(texts(valuesOf(node, "issuers"), clock)),
    audienceCheck(texts(valuesOf(node, "audience"), clock)),
    linkNarrowerTimes(node, clock),
    ...linkRequiredClaims(node, clock),
  ]);
}

/** What it asks of a token by keys of its own: the same, but the issuer is the one that the keys are of, or is listed. */
export function linkTrustChecks(node: PolicyNode, clock: Clock): TokenCheck<TrustedToken> {
  const issuers = texts(valuesOf(node, "issuers"), clock);
  return inOrder([
    trustedIssuerCheck(issuers),
    audienceCheck(texts(valuesOf(node, "audience"), clock)),
    linkTokenTimes(node, clock),
    ...linkRequiredClaims(node, clock),
  ]);
}

export type TrustedToken = Extract<TrustVerdict, { readonly ok: true }>;

export function linkRequiredClaims(node: PolicyNode, clock: Clock): readonly TokenCheck[] {
  const items = listOf(argumentOf(node, "requiredClaims"));
  return items.length === 0 ? [] : [presenceCheck(items), ...items.map((item) => linkRequiredClaim(item, clock))];
}

/** The first problem that one of the checks finds. */
export function inOrder<Token extends CheckedToken>(checks: readonly TokenCheck<Token>[]): TokenCheck<Token> {
  return (token, exchange) => {
    for (const check of checks) {
      const problem = check(token, exchange);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

export function texts(values: readonly Value[], clock: Clock): readonly Evaluate<string>[] {
  return values.map((value) => evaluateString(value, clock));
}

function providerCheck(provider: string | undefined): TokenCheck<VerifiedToken> {
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

/** Keys speak for the issuer of their own metadata alone; written keys for any, unless issuers are listed. */
function trustedIssuerCheck(issuers: readonly Evaluate<string>[]): TokenCheck<TrustedToken> {
  return ({ claims, issuer }, exchange) => {
    const { iss } = claims;
    if (issuer === null && issuers.length === 0) return undefined;
    if (typeof iss === "string" && (iss === issuer || issuers.some((one) => one(exchange) === iss))) return undefined;
    return { reason: "token-issuer-unknown", detail: "the issuer is not one of this policy's" };
  };
}

export function audienceCheck(allowed: readonly Evaluate<string>[]): TokenCheck {
  return (token, exchange) => {
    if (allowed.length === 0) return undefined;
    const { aud } = token.claims;
    const sent: readonly unknown[] = Array.isArray(aud) ? aud : [aud];
    if (allowed.some((audience) => sent.includes(audience(exchange)))) return undefined;
    return { reason: "token-audience-not-allowed", detail: "the audience is not one of this policy's" };
  };
}
