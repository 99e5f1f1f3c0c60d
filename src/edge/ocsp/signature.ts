import { Buffer } from "node:buffer";
import { type KeyObject, X509Certificate } from "node:crypto";
import { type BasicOCSPResponse, id_kp_OCSPSigning, type ResponderID } from "@peculiar/asn1-ocsp";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { isSignedBy as isGenuine } from "#edge/signature-algorithms.ts";
import { keyHashOf } from "./target.ts";

/** A responder sends one certificate, or none. */
const mostCertificates = 4;

/**
 * Whether the issuer has signed the answer, or somebody whom it gave a certificate for just that.
 *
 * @throws Error that says what is wrong
 * @see RFC 6960 §4.2.2.2
 */
export function checkSigner(response: BasicOCSPResponse, issuer: X509Certificate, now: number): void {
  const { responderID } = response.tbsResponseData;
  if (isCalled(responderID, issuer) && isSignedBy(response, issuer.publicKey)) return;
  const signer = (response.certs ?? [])
    .slice(0, mostCertificates)
    .map((certificate) => new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))))
    .find((certificate) => isCalled(responderID, certificate));
  if (signer === undefined) throw new Error("the answer is signed by nobody who may");
  checkDelegate(signer, issuer, now);
  if (!isSignedBy(response, signer.publicKey)) throw new Error("the answer's signature is wrong");
}

function checkDelegate(signer: X509Certificate, issuer: X509Certificate, now: number): void {
  if (!signer.checkIssued(issuer) || !signer.verify(issuer.publicKey)) {
    throw new Error("the responder's certificate is not of the certificate's issuer");
  }
  // Without this purpose every customer of the issuer could sign answers.
  if (signer.keyUsage?.includes(id_kp_OCSPSigning) !== true) {
    throw new Error("the responder's certificate is not for signing answers");
  }
  if (now < signer.validFromDate.getTime() || now > signer.validToDate.getTime()) {
    throw new Error("the responder's certificate is not valid now");
  }
}

function isCalled({ byKey, byName }: ResponderID, certificate: X509Certificate): boolean {
  if (byKey !== undefined) return keyHashOf(certificate).equals(Buffer.from(byKey.buffer));
  if (byName === undefined) return false;
  const { subject } = AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
  return Buffer.from(AsnConvert.serialize(byName)).equals(Buffer.from(AsnConvert.serialize(subject)));
}

function isSignedBy({ signature, signatureAlgorithm, tbsResponseDataRaw }: BasicOCSPResponse, key: KeyObject): boolean {
  if (tbsResponseDataRaw === undefined) return false;
  const { algorithm: id, parameters } = signatureAlgorithm;
  const algorithm = {
    id,
    parameters: parameters === null || parameters === undefined ? null : Buffer.from(parameters),
  };
  return isGenuine({ algorithm, data: Buffer.from(tbsResponseDataRaw), signature: Buffer.from(signature) }, key);
}
