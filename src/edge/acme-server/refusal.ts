import { GatewayError } from "#model/errors.ts";
import type { ProblemDocument } from "./acme-types.ts";

/** @see RFC 8555 §6.7 */
type ProblemType =
  | "accountDoesNotExist"
  | "alreadyRevoked"
  | "badCSR"
  | "badNonce"
  | "badPublicKey"
  | "badRevocationReason"
  | "badSignatureAlgorithm"
  | "connection"
  | "externalAccountRequired"
  | "incorrectResponse"
  | "malformed"
  | "orderNotReady"
  | "rateLimited"
  | "rejectedIdentifier"
  | "serverInternal"
  | "unauthorized"
  | "unsupportedIdentifier";

/** What a client of the ACME server gets as a problem document. */
export class AcmeRefusal extends GatewayError {
  readonly problem: ProblemDocument;

  constructor(type: ProblemType, status: number, detail: string) {
    super("certificate-refused", status, detail, { source: "client", expose: true });
    this.problem = { type: `urn:ietf:params:acme:error:${type}`, detail, status };
  }
}

export function malformed(detail: string, status: number = 400): AcmeRefusal {
  return new AcmeRefusal("malformed", status, detail);
}
