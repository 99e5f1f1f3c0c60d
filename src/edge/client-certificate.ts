import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import type { TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import type { ClientCertificate, TlsFacts } from "#model/exchange.ts";
import type { ClientIssuers } from "./client-issuers.ts";
import type { ClientTrust } from "./client-trust.ts";
import type * as x509 from "./x509.ts";

const load = createRequire(import.meta.url);
let library: typeof x509 | undefined;

/**
 * The reader of certificates is half of what a worker reads at its start, and few ask clients for theirs: it is read
 * where they are asked for, so that no handshake waits for it.
 */
export function prepareClientCertificates(): typeof x509 {
  return (library ??= load(fileURLToPath(new URL("x509.ts", import.meta.url))) as typeof x509);
}

type Presented = Pick<TlsFacts, "certificate" | "certificateProblem">;

const none: Presented = { certificate: null, certificateProblem: null };
/** More alternative names than any client has, and as many as a record holds. */
const maxNames = 32;
const maxNameLength = 256;

/**
 * What came of a handshake in which the client was asked for a certificate. `socket.authorized` alone says nothing:
 * it is true for a resumed TLS 1.3 session in which there never was a certificate.
 *
 * @param trust in force from the handshake's beginning to its end; null when there was none, or it changed
 */
export function presentedCertificate(
  socket: TLSSocket,
  trust: ClientTrust | null,
  issuers: ClientIssuers,
  now: number,
): Presented {
  const sent = socket.getPeerX509Certificate();
  if (sent === undefined) return none;
  if (trust === null) return problem("no authority is trusted for clients, or that changed during the handshake");
  if (!socket.authorized) return problem(String(socket.authorizationError ?? "not verified"));
  const certificate = readClientCertificate(sent.raw, issuers.of(sent));
  if (certificate === null) return problem("its names are too many or too long");
  // A resumed session was verified some time ago.
  return now < certificate.notAfter ? { certificate, certificateProblem: null } : problem("CERT_HAS_EXPIRED");
}

function problem(certificateProblem: string): Presented {
  return { certificate: null, certificateProblem: certificateProblem.slice(0, 128) };
}

/**
 * @param der of a certificate that was verified
 * @param issuers DER of those that were sent behind it
 * @returns null when it holds more than a record can
 */
export function readClientCertificate(
  der: Uint8Array<ArrayBuffer>,
  issuers: readonly Uint8Array[] = [],
): ClientCertificate | null {
  const { AuthorityKeyIdentifierExtension, SubjectAlternativeNameExtension, X509Certificate } =
    prepareClientCertificates();
  const parsed = new X509Certificate(der);
  const names = parsed.getExtension(SubjectAlternativeNameExtension)?.names.toJSON() ?? [];
  const of = (type: string): readonly string[] => names.filter((name) => name.type === type).map(({ value }) => value);
  const texts = [parsed.subject, parsed.issuer, parsed.serialNumber, ...names.map(({ value }) => value)];
  if (names.length > maxNames || texts.some((text) => text.length > maxNameLength)) return null;
  return {
    subject: parsed.subject,
    issuer: parsed.issuer,
    serial: parsed.serialNumber.toLowerCase(),
    issuerKeyId: parsed.getExtension(AuthorityKeyIdentifierExtension)?.keyId?.toLowerCase() ?? "",
    fingerprint: createHash("sha256").update(der).digest("hex"),
    thumbprint: createHash("sha1").update(der).digest("hex"),
    dnsNames: of("dns"),
    uris: of("url"),
    emails: of("email"),
    notAfter: parsed.notAfter.getTime(),
    path: [der, ...issuers],
  };
}
