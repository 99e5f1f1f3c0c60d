import { GatewayError } from "#model/errors.ts";

export type UpstreamErrorCode =
  | "upstream-connect-failed"
  | "upstream-malformed"
  | "upstream-reset"
  | "upstream-timeout"
  | "upstream-truncated";

export function upstreamError(code: UpstreamErrorCode, message: string, cause: Error | null = null): GatewayError {
  const status = code === "upstream-timeout" ? 504 : 502;
  return new GatewayError(code, status, message, { source: "upstream", ...(cause === null ? {} : { cause }) });
}

/** Why no connection came about. `cause`: null when the peer just closed. */
export function connectError(cause: Error | null): GatewayError {
  // A refusal by the look-up says more than "could not connect".
  if (cause instanceof GatewayError) return cause;
  const why = cause === null ? "closed" : ((cause as NodeJS.ErrnoException).code ?? cause.message);
  return upstreamError("upstream-connect-failed", `cannot connect: ${why}`, cause);
}
