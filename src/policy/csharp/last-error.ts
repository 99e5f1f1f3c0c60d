import type { ReasonCode } from "#model/reasons.ts";

/** Reasons of this gateway under the names that API Management's documents ask for. */
const names: Readonly<Partial<Record<ReasonCode, string>>> = {
  "expression-failed": "ExpressionValueEvaluationFailure",
  "rate-limit-exceeded": "RateLimitExceeded",
  "quota-exceeded": "QuotaExceeded",
  "upstream-timeout": "Timeout",
  "upstream-connect-failed": "BackendConnectionFailure",
  "upstream-reset": "BackendConnectionFailure",
  "upstream-truncated": "BackendConnectionFailure",
  "upstream-unavailable": "BackendConnectionFailure",
  "upstream-malformed": "BackendConnectionFailure",
  "client-aborted": "ClientConnectionFailure",
  "callback-invalid": "CallbackParameterInvalid",
  "request-not-valid": "Bad request",
  "response-not-valid": "Response not allowed",
  "route-not-found": "OperationNotFound",
  "method-not-allowed": "OperationNotFound",
  "header-missing": "HeaderNotFound",
  "header-not-allowed": "HeaderValueNotAllowed",
  "address-not-allowed": "CallerIpNotAllowed",
  "token-missing": "TokenNotPresent",
  "token-issuer-unknown": "TokenIssuerNotAllowed",
  "token-key-unknown": "TokenSignatureKeyNotFound",
  "token-claim-missing": "TokenClaimNotFound",
  "token-claim-not-allowed": "TokenClaimValueNotAllowed",
  "token-malformed": "JwtInvalid",
  "key-missing": "SubscriptionKeyNotFound",
  "key-invalid": "SubscriptionKeyInvalid",
  "key-not-in-scope": "SubscriptionKeyInvalid",
};

/** `context.LastError.Reason`; for reasons that API Management does not have, ours in its spelling. */
export function lastErrorReason(reason: ReasonCode): string {
  return names[reason] ?? reason.replace(/(?:^|-)([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
