import { type Refusal, refuse } from "#model/decision.ts";
import { type ErrorCode, GatewayError } from "#model/errors.ts";
import type { ReasonCode } from "#model/reasons.ts";

/** How an error that reached the pipeline is told to the client and to the record. What is not listed is internal. */
const reasonByCode: Readonly<Partial<Record<ErrorCode, ReasonCode>>> = {
  "client-aborted": "client-aborted",
  "client-body-too-large": "body-too-large",
  "client-coding-unsupported": "content-coding-unsupported",
  "client-body-timeout": "body-timeout",
  "client-length-required": "length-required",
  "client-malformed": "malformed-request",
  "connection-failed": "connection-failed",
  "egress-refused": "egress-not-allowed",
  "exchange-refused": "token-exchange-refused",
  "managed-identity-failed": "managed-identity-failed",
  "expression-failed": "expression-failed",
  "file-changed": "file-changed",
  "idp-unreachable": "provider-unavailable",
  "stream-idle": "stream-idle",
  "upstream-coding-unsupported": "upstream-coding-unsupported",
  "upstream-connect-failed": "upstream-connect-failed",
  "upstream-malformed": "upstream-malformed",
  "upstream-reset": "upstream-reset",
  "upstream-timeout": "upstream-timeout",
  "upstream-too-large": "upstream-too-large",
  "upstream-truncated": "upstream-truncated",
  "upstream-unavailable": "upstream-unavailable",
  "audit-unavailable": "overloaded",
  "store-unavailable": "overloaded",
  "body-room-full": "overloaded",
  "transform-busy": "overloaded",
  "control-call-failed": "overloaded",
};

/** Message and status of the reason, never of the error: nothing internal leaks into an answer. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof GatewayError)) return refuse("internal-error");
  return refuse(reasonByCode[error.code] ?? "internal-error", { detail: `${error.code}: ${error.message}` });
}
