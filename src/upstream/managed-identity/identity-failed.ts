import { GatewayError } from "#model/errors.ts";

/** `message` holds no token and no secret of the platform. */
export function identityFailed(message: string, cause?: unknown): GatewayError {
  return new GatewayError("managed-identity-failed", 500, `managed identity: ${message}`, {
    source: "idp",
    retryable: true,
    cause,
  });
}
