/** Where a failure came from; decides whose problem it is in metrics and in the record. */
export type ErrorSource = "client" | "gateway" | "upstream" | "idp" | "store" | "ca";

/** Every code a {@link GatewayError} may carry. Codes are API: never renamed, only added. */
export type ErrorCode =
  | "client-aborted"
  | "client-coding-unsupported"
  | "client-body-too-large"
  | "client-body-timeout"
  | "client-length-required"
  | "client-malformed"
  | "configuration-read-only"
  | "connection-failed"
  | "definition-invalid"
  | "definition-unreadable"
  | "egress-refused"
  | "exchange-refused"
  | "expression-failed"
  | "idp-unreachable"
  | "idp-malformed"
  | "file-changed"
  | "internal"
  | "managed-identity-failed"
  | "permit-forged"
  | "permit-mismatch"
  | "store-unavailable"
  | "store-conflict"
  | "store-corrupt"
  | "control-call-failed"
  | "stream-idle"
  | "upstream-coding-unsupported"
  | "upstream-connect-failed"
  | "upstream-malformed"
  | "upstream-reset"
  | "upstream-timeout"
  | "upstream-too-large"
  | "upstream-truncated"
  | "upstream-unavailable"
  | "audit-unavailable"
  | "segment-damaged"
  | "segment-oversized"
  | "body-room-full"
  | "backup-damaged"
  | "data-not-empty"
  | "restore-differs"
  | "secret-rotation-failed"
  | "seal-broken"
  | "seal-key-missing"
  | "seal-key-refused"
  | "seal-key-wrong"
  | "transform-busy"
  | "transform-stopped"
  | "service-refused"
  | "certificate-refused"
  | "certificate-unavailable"
  | "tls-failed"
  | "port-in-use"
  | "data-locked";

export interface GatewayErrorOptions {
  readonly source?: ErrorSource;
  /** The message may be shown to the client as it is. Default false. */
  readonly expose?: boolean;
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The one error class. Expected refusals are not errors: they are {@link Refusal} values. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  /** The HTTP status this failure becomes, when it reaches a client. */
  readonly status: number;
  readonly source: ErrorSource;
  readonly expose: boolean;
  readonly retryable: boolean;

  constructor(code: ErrorCode, status: number, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = status;
    this.source = options.source ?? "gateway";
    this.expose = options.expose ?? false;
    this.retryable = options.retryable ?? false;
  }
}
