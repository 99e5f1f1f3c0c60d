import { Buffer } from "node:buffer";
import {
  BasicOCSPResponse,
  type CertID,
  id_pkix_ocsp_basic,
  OCSPResponse,
  OCSPResponseStatus,
  type SingleResponse,
} from "@peculiar/asn1-ocsp";
import { AsnConvert } from "@peculiar/asn1-schema";
import { sha1 } from "./request.ts";
import { checkSigner } from "./signature.ts";
import type { CertificateId, OcspTarget } from "./target.ts";

/** What a responder says of a certificate. Times are milliseconds since the epoch. */
export interface OcspAnswer {
  readonly status: "good" | "revoked" | "unknown";
  readonly revokedAt: number | null;
  readonly thisUpdate: number;
  readonly nextUpdate: number;
  /** As it came: what clients are sent. */
  readonly der: Buffer;
}

/** Clocks differ. */
const tolerance = 5 * 60_000;

export interface AnswerRules {
  /** An answer that does not say until when it holds does so for this time, milliseconds; undefined: it is not taken. */
  readonly otherwiseFor?: number;
}

/**
 * Reads an answer that can be believed: for this certificate, of its issuer or whom that has authorised, and of now.
 *
 * @throws Error that says what is wrong
 * @see RFC 6960 §3.2
 */
export function readOcspAnswer(
  der: Buffer,
  { id, issuer }: Pick<OcspTarget, "id" | "issuer">,
  now: number,
  rules: AnswerRules = {},
): OcspAnswer {
  const response = basicResponse(der);
  checkSigner(response, issuer, now);
  const { responses, responseExtensions = [] } = response.tbsResponseData;
  const single = responses.find(({ certID }) => isFor(certID, id));
  if (single === undefined) throw new Error("the answer is for another certificate");
  // What must be understood and is not would change what the answer means.
  if ([...responseExtensions, ...(single.singleExtensions ?? [])].some(({ critical }) => critical)) {
    throw new Error("the answer has a critical extension that is not known");
  }
  return { ...statusOf(single), ...timesOf(single, now, rules), der };
}

function basicResponse(der: Buffer): BasicOCSPResponse {
  const { responseStatus, responseBytes } = parse(der, OCSPResponse);
  if (responseStatus !== OCSPResponseStatus.successful) {
    throw new Error(`the responder said ${OCSPResponseStatus[responseStatus] ?? "nothing that is known"}`);
  }
  if (responseBytes?.responseType !== id_pkix_ocsp_basic) throw new Error("the answer is of a type that is not known");
  return parse(Buffer.from(responseBytes.response.buffer), BasicOCSPResponse);
}

function parse<T>(der: Buffer, type: new () => T): T {
  try {
    return AsnConvert.parse(der, type);
  } catch {
    throw new Error("the answer is no OCSP response");
  }
}

function isFor({ hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }: CertID, id: CertificateId): boolean {
  return (
    hashAlgorithm.algorithm === sha1 &&
    id.issuerNameHash.equals(Buffer.from(issuerNameHash.buffer)) &&
    id.issuerKeyHash.equals(Buffer.from(issuerKeyHash.buffer)) &&
    id.serial.equals(Buffer.from(serialNumber))
  );
}

function statusOf({ certStatus: { good, revoked } }: SingleResponse): Pick<OcspAnswer, "status" | "revokedAt"> {
  if (revoked !== undefined) return { status: "revoked", revokedAt: revoked.revocationTime.getTime() };
  return { status: good === null ? "good" : "unknown", revokedAt: null };
}

function timesOf(
  { thisUpdate, nextUpdate }: SingleResponse,
  now: number,
  { otherwiseFor }: AnswerRules,
): Pick<OcspAnswer, "thisUpdate" | "nextUpdate"> {
  const since = thisUpdate.getTime();
  const until = nextUpdate?.getTime() ?? (otherwiseFor === undefined ? undefined : since + otherwiseFor);
  if (until === undefined) throw new Error("the answer does not say until when it holds");
  if (since > now + tolerance) throw new Error("the answer is from the future");
  if (until <= now) throw new Error("the answer has expired");
  return { thisUpdate: since, nextUpdate: until };
}
