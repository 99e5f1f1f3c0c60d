import { type ErrorCode, GatewayError } from "#model/errors.ts";
import type { ReasonCode } from "#model/reasons.ts";

/** A value that a policy computed for this request cannot be used. `message` never holds the value itself. */
export function expressionFailed(message: string): GatewayError {
  return new GatewayError("expression-failed", 500, message);
}

/** Codes whose reason says more than that a policy failed. */
const reasonByCode: Readonly<Partial<Record<ErrorCode, ReasonCode>>> = {
  "expression-failed": "expression-failed",
  "egress-refused": "egress-not-allowed",
  "exchange-refused": "token-exchange-refused",
  "body-room-full": "overloaded",
  "store-unavailable": "overloaded",
  "transform-busy": "overloaded",
  "client-aborted": "client-aborted",
  "client-body-too-large": "body-too-large",
  "client-coding-unsupported": "content-coding-unsupported",
  "client-body-timeout": "body-timeout",
  "client-malformed": "malformed-request",
  "idp-unreachable": "provider-unavailable",
  "idp-malformed": "provider-unavailable",
  "upstream-coding-unsupported": "upstream-coding-unsupported",
  "connection-failed": "connection-failed",
  "managed-identity-failed": "managed-identity-failed",
  "service-refused": "service-refused",
  "upstream-connect-failed": "upstream-connect-failed",
  "upstream-malformed": "upstream-malformed",
  "upstream-reset": "upstream-reset",
  "upstream-timeout": "upstream-timeout",
  "upstream-too-large": "upstream-too-large",
  "upstream-truncated": "upstream-truncated",
  "upstream-unavailable": "upstream-unavailable",
};

export function reasonOfError(error: unknown): ReasonCode {
  return (error instanceof GatewayError ? reasonByCode[error.code] : undefined) ?? "policy-failed";
}

/** For the record. The text of a foreign error may quote a request, so only its name is told. */
export function describeError(error: unknown): string {
  if (error instanceof GatewayError) return error.message;
  return error instanceof Error ? error.name : "unknown error";
}
