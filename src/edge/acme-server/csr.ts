import { Buffer } from "node:buffer";
import type { webcrypto } from "node:crypto";
import { isIPv6 } from "node:net";
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from "#edge/x509.ts";
import type { Identifier } from "./acme-types.ts";
import { AcmeRefusal } from "./refusal.ts";

export interface CertificateRequest {
  readonly publicKey: webcrypto.CryptoKey;
}

const maxRequest = 16 * 1024;

/**
 * Reads a certificate request, and proves that its sender has the key and asks for these names and no others.
 *
 * @param text base64url of its DER form
 * @param spiffeId the one URI it may name; null: none
 * @throws AcmeRefusal `badCSR`
 */
export async function readRequest(
  text: unknown,
  identifiers: readonly Identifier[],
  spiffeId: string | null,
): Promise<CertificateRequest> {
  if (typeof text !== "string" || !/^[A-Za-z0-9_-]+$/.test(text) || text.length > maxRequest)
    throw bad("is unreadable");
  const request = parse(Buffer.from(text, "base64url"));
  if (!(await request.verify().catch(() => false))) throw bad("is not signed by its own key");
  const asked = namesOf(request);
  const expected = identifiers.map(({ type, value }) => `${type}:${value}`);
  const extra = asked.find((name) => !expected.includes(name) && name !== `url:${spiffeId}`);
  if (extra !== undefined) throw bad("names what the order does not");
  if (expected.some((name) => !asked.includes(name))) throw bad("lacks a name of the order");
  return { publicKey: await exportable(request) };
}

function bad(why: string): AcmeRefusal {
  return new AcmeRefusal("badCSR", 400, `the certificate request ${why}`);
}

function parse(der: Buffer): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(der);
  } catch {
    throw bad("is unreadable");
  }
}

/** Names in the extension; a common name counts as one more, as clients of all ages write it. */
function namesOf(request: Pkcs10CertificateRequest): readonly string[] {
  const extension = request.extensions.find((one) => one instanceof SubjectAlternativeNameExtension);
  const names = (extension?.names.toJSON() ?? []).map(({ type, value }) => `${type}:${plain(type, value)}`);
  const common = request.subjectName.getField("CN").map((name) => (isIPv6(name) ? `ip:${name}` : nameOf(name)));
  return [...names, ...common];
}

function nameOf(name: string): string {
  return /^\d+\.\d+\.\d+\.\d+$/.test(name) ? `ip:${name}` : `dns:${name.toLowerCase()}`;
}

function plain(type: string, value: string): string {
  if (type === "dns") return value.toLowerCase();
  return type === "ip" && isIPv6(value) ? new URL(`http://[${value}]/`).hostname.slice(1, -1) : value;
}

/** Keys that nobody should rely on are not certified. */
async function exportable(request: Pkcs10CertificateRequest): Promise<webcrypto.CryptoKey> {
  const key = (await request.publicKey.export()) as webcrypto.CryptoKey;
  const { name, modulusLength } = key.algorithm as { name: string; modulusLength?: number };
  const isStrong = /^(ECDSA|Ed25519)$/.test(name) || (modulusLength ?? 0) >= 2048;
  if (!isStrong || (modulusLength ?? 0) > 8192) throw bad("is for a key that is too weak, or too large");
  return key;
}
