import { Buffer } from "node:buffer";
import { createHash, X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { Certificate } from "@peculiar/asn1-x509";
import { certificatesOf } from "#edge/acme/chain.ts";
import { AuthorityInfoAccessExtension, X509Certificate as ParsedCertificate } from "#edge/x509.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** What names a certificate to its responder. Digests are SHA-1. @see RFC 6960 §4.1.1, RFC 5019 §2.1.1 */
export interface CertificateId {
  readonly issuerNameHash: Buffer;
  readonly issuerKeyHash: Buffer;
  /** Content of the INTEGER. */
  readonly serial: Buffer;
}

/** A certificate whose status can be asked for. */
export interface OcspTarget {
  readonly fingerprint: string;
  /** The first one that it names. */
  readonly responder: string;
  readonly issuer: X509Certificate;
  readonly id: CertificateId;
}

/** What of a certificate concerns stapling. */
export interface OcspFacts {
  readonly fingerprint: string;
  /** Clients refuse it without a status. @see RFC 7633 */
  readonly mustStaple: boolean;
  /** Milliseconds. */
  readonly lifetime: number;
  readonly notAfter: number;
  /** Null: nobody can be asked; `why` says why. */
  readonly target: OcspTarget | null;
  readonly why: string;
}

const tlsFeature = "1.3.6.1.5.5.7.1.24";
const tlsFeatureDer = Buffer.from("06082b06010505070118", "hex");
/** SEQUENCE { INTEGER 5 }: status_request alone; lists with more are not in use. @see RFC 7633 §4.1 */
const statusRequest = Buffer.of(0x02, 0x01, 0x05);

/**
 * Null for a certificate that names no responder and needs no status: most do.
 *
 * @param chainPem leaf first
 * @throws Error when it cannot be read
 */
export function ocspFactsOf(chainPem: string): OcspFacts | null {
  const [leafPem = "", issuerPem] = certificatesOf(chainPem);
  const leaf = new X509Certificate(leafPem);
  if (!/^OCSP - /m.test(leaf.infoAccess ?? "") && !leaf.raw.includes(tlsFeatureDer)) return null;
  const parsed = new ParsedCertificate(leafPem);
  const responder = responderOf(parsed);
  const fingerprint = fingerprintOf(leaf.raw);
  const facts = {
    fingerprint,
    mustStaple: mustStaple(parsed),
    lifetime: leaf.validToDate.getTime() - leaf.validFromDate.getTime(),
    notAfter: leaf.validToDate.getTime(),
  };
  if (responder === null) return { ...facts, target: null, why: "the certificate names no OCSP responder" };
  if (issuerPem === undefined) return { ...facts, target: null, why: "its issuer's certificate is not in the chain" };
  const issuer = new X509Certificate(issuerPem);
  if (!leaf.checkIssued(issuer) || !leaf.verify(issuer.publicKey)) {
    return { ...facts, target: null, why: "the second certificate of the chain has not issued the first" };
  }
  const id = certificateId(leaf, issuer);
  return { ...facts, target: { fingerprint, responder, issuer, id }, why: "" };
}

/** Null for a certificate that names no responder. @param issuer has signed it: that was checked */
export function ocspTargetOf(certificate: X509Certificate, issuer: X509Certificate): OcspTarget | null {
  if (!/^OCSP - /m.test(certificate.infoAccess ?? "")) return null;
  const responder = responderOf(new ParsedCertificate(certificate.raw));
  if (responder === null) return null;
  const fingerprint = fingerprintOf(certificate.raw);
  return { fingerprint, responder, issuer, id: certificateId(certificate, issuer) };
}

function responderOf(certificate: ParsedCertificate): string | null {
  const names = certificate.getExtension(AuthorityInfoAccessExtension)?.ocsp ?? [];
  const urls = names.flatMap(({ type, value }) => (type === "url" ? (URL.parse(value) ?? []) : []));
  const usable = urls.find(({ protocol, username }) => /^https?:$/.test(protocol) && username === "");
  return usable?.href ?? null;
}

function mustStaple(certificate: ParsedCertificate): boolean {
  const value = certificate.getExtension(tlsFeature)?.value;
  return value !== undefined && Buffer.from(value).includes(statusRequest);
}

function certificateId(leaf: X509Certificate, issuer: X509Certificate): CertificateId {
  const { serialNumber, issuer: name } = AsnConvert.parse(leaf.raw, Certificate).tbsCertificate;
  const encodedName = Buffer.from(AsnConvert.serialize(name));
  // The digest is over the name as it was encoded: one that is written otherwise here would name another issuer.
  if (!leaf.raw.includes(encodedName)) throw new Error("the issuer's name is encoded in a way that is not DER");
  return {
    issuerNameHash: sha1(encodedName),
    issuerKeyHash: keyHashOf(issuer),
    serial: Buffer.from(serialNumber),
  };
}

/** Of the public key alone, without tag, length and algorithm. */
export function keyHashOf(certificate: X509Certificate): Buffer {
  const { subjectPublicKeyInfo } = AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
  return sha1(Buffer.from(subjectPublicKeyInfo.subjectPublicKey));
}

function sha1(bytes: Buffer): Buffer {
  return createHash("sha1").update(bytes).digest();
}
