import { createHash, randomBytes } from "node:crypto";
import { Extension, SubjectAlternativeNameExtension, X509CertificateGenerator } from "#edge/x509.ts";
import { importKeys, type KeyType, makeKey } from "./keys.ts";
import type { Identifier } from "./resources.ts";

const hour = 3_600_000;
const acmeIdentifier = "1.3.6.1.5.5.7.1.31";

/** The self-signed certificate that answers a tls-alpn-01 validation, and nobody else. @see RFC 8737 §3 */
export async function makeAlpnCertificate(
  identifier: Identifier,
  keyAuthorization: string,
  keyType: KeyType,
  now: number,
): Promise<{ readonly certPem: string; readonly keyPem: string }> {
  const keyPem = await makeKey(keyType);
  const { keys, algorithm } = await importKeys(keyPem);
  const digest = createHash("sha256").update(keyAuthorization).digest();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: `4${randomBytes(15).toString("hex").slice(1)}`,
    name: "CN=ACME challenge",
    notBefore: new Date(now - hour),
    notAfter: new Date(now + 24 * hour),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: identifier.type, value: identifier.value }]),
      // An OCTET STRING of the digest.
      new Extension(acmeIdentifier, true, Uint8Array.from([0x04, 0x20, ...digest])),
    ],
  });
  return { certPem: certificate.toString("pem"), keyPem };
}
