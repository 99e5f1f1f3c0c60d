// oxlint-disable-next-line import/no-unassigned-import -- for its effect, which the next package needs
import "./reflect-metadata.ts";
import { Buffer } from "node:buffer";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  CRLDistributionPointsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension as CertificateExtension,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { Random } from "#model/ports.ts";

cryptoProvider.set(webcrypto as Crypto);

/** What the library offers, for the rest of the room: only here is its environment prepared. */
export {
  AuthorityInfoAccessExtension,
  AuthorityKeyIdentifierExtension,
  CRLDistributionPointsExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Pkcs10CertificateRequest,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
  X509Crl,
} from "@peculiar/x509";

type Crypto = Parameters<typeof cryptoProvider.set>[0] & object;
type KeyPair = webcrypto.CryptoKeyPair;

const curve = { name: "ECDSA", namedCurve: "P-256" } as const;
const signing = { name: "ECDSA", hash: "SHA-256" } as const;

/** A certificate that may sign others. */
export interface Authority {
  readonly certificate: X509Certificate;
  readonly keys: KeyPair;
}

export interface Validity {
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export async function makeKeys(): Promise<KeyPair> {
  return webcrypto.subtle.generateKey(curve, true, ["sign", "verify"]);
}

/** The key of a certificate request that it has signed itself. @throws Error */
export async function readPublicKey(requestPem: string): Promise<webcrypto.CryptoKey> {
  const request = new Pkcs10CertificateRequest(requestPem);
  if (!(await request.verify())) throw new Error("the request is not signed by its own key");
  return (await request.publicKey.export()) as webcrypto.CryptoKey;
}

/** PKCS #8 PEM. */
export async function exportKey(keys: KeyPair): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}

/**
 * Reads a certificate with its key and proves that they belong together.
 *
 * @throws Error when either is not what it should be
 */
export async function readAuthority(certificatePem: string, keyPem: string): Promise<Authority> {
  const certificate = new X509Certificate(certificatePem);
  const der = Buffer.from(keyPem.replace(/-----[A-Z ]+-----/g, ""), "base64");
  const privateKey = await webcrypto.subtle.importKey("pkcs8", der, curve, true, ["sign"]);
  const publicKey = await webcrypto.subtle.importKey("spki", certificate.publicKey.rawData, curve, true, ["verify"]);
  const probe = Buffer.from("sallyport");
  const signature = await webcrypto.subtle.sign(signing, privateKey, probe);
  if (!(await webcrypto.subtle.verify(signing, publicKey, signature, probe))) {
    throw new Error("the key does not belong to the certificate");
  }
  return { certificate, keys: { privateKey, publicKey } };
}

/** A root signs itself: `issuer` is null then. */
export async function makeAuthority(
  name: string,
  validity: Validity,
  issuer: Authority | null,
  random: Random,
): Promise<Authority> {
  const keys = await makeKeys();
  const certificate = await sign(`CN=${name}`, keys.publicKey, validity, issuer ?? keys, random, [
    new BasicConstraintsExtension(true, issuer === null ? 1 : 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]);
  return { certificate, keys };
}

/** @param names host names, `*.` wildcards and IP addresses */
export async function makeLeaf(
  names: readonly string[],
  validity: Validity,
  issuer: Authority,
  random: Random,
): Promise<Authority> {
  const keys = await makeKeys();
  const leaf = { names, publicKey: keys.publicKey, usages: [ExtendedKeyUsage.serverAuth] };
  return { certificate: await signLeaf(leaf, validity, issuer, random), keys };
}

export interface WorkloadLeaf extends WorkloadNames {
  /** Where its revocation list is, each the whole of it; none: it names none. */
  readonly lists: readonly string[];
}

export interface WorkloadNames {
  /** Host names, `*.` wildcards, IP addresses and URIs. */
  readonly names: readonly string[];
  readonly publicKey: webcrypto.CryptoKey;
}

/** For a service of the team: it can show the certificate as a server and as a client. */
export async function signWorkload(
  { lists, ...workload }: WorkloadLeaf,
  validity: Validity,
  issuer: Authority,
  random: Random,
): Promise<X509Certificate> {
  const usages = [ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth];
  // Over HTTPS it leads to no circle: the certificates that this gateway serves with name no list.
  const more = lists.length === 0 ? [] : [new CRLDistributionPointsExtension([...lists])];
  return signLeaf({ ...workload, usages }, validity, issuer, random, more);
}

/** The names stand in the one place that verifiers read; the subject is empty (RFC 5280 §4.1.2.6: then they are critical). */
async function signLeaf(
  { names, publicKey, usages }: WorkloadNames & { readonly usages: string[] },
  validity: Validity,
  issuer: Authority,
  random: Random,
  more: readonly CertificateExtension[] = [],
): Promise<X509Certificate> {
  return sign("", publicKey, validity, issuer, random, [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension(usages),
    new SubjectAlternativeNameExtension(names.map(generalName), true),
    ...more,
  ]);
}

function generalName(value: string): JsonGeneralName {
  if (value.includes("://")) return { type: "url", value };
  return { type: isIP(value) === 0 ? "dns" : "ip", value };
}

/** @param issuer keys alone for a certificate that signs itself */
async function sign(
  subject: string,
  publicKey: webcrypto.CryptoKey,
  { notBefore, notAfter }: Validity,
  issuer: Authority | KeyPair,
  random: Random,
  extensions: CertificateExtension[],
): Promise<X509Certificate> {
  const isSelf = !("certificate" in issuer);
  const signer = isSelf ? issuer : issuer.keys;
  extensions.push(await SubjectKeyIdentifierExtension.create(publicKey));
  if (!isSelf) extensions.push(await AuthorityKeyIdentifierExtension.create(signer.publicKey));
  return X509CertificateGenerator.create({
    serialNumber: serialNumber(random),
    subject,
    issuer: isSelf ? subject : issuer.certificate.subject,
    notBefore: new Date(notBefore),
    notAfter: new Date(notAfter),
    signingAlgorithm: signing,
    publicKey,
    signingKey: signer.privateKey,
    extensions,
  });
}

/** Positive and 16 octets long (RFC 5280 §4.1.2.2 allows 20). */
function serialNumber(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[0] = ((bytes[0] as number) & 0x7f) | 0x40;
  return bytes.toString("hex");
}

/** Identifier of an authority's key, hex: what its certificates and lists name it by. */
export function keyIdOf({ certificate }: Pick<Authority, "certificate">): string {
  return certificate.getExtension(SubjectKeyIdentifierExtension)?.keyId.toLowerCase() ?? "";
}
