import type { CertificateProblem } from "#admin/certificate-row.ts";

/** An authority can write what it likes: as a label only these pass. @see RFC 8555 §6.7, RFC 9773 §7.4 */
const kinds: ReadonlySet<string> = new Set([
  "accountDoesNotExist",
  "alreadyReplaced",
  "alreadyRevoked",
  "badCSR",
  "badNonce",
  "badPublicKey",
  "badRevocationReason",
  "badSignatureAlgorithm",
  "caa",
  "compound",
  "connection",
  "dns",
  "externalAccountRequired",
  "incorrectResponse",
  "invalidContact",
  "malformed",
  "orderNotReady",
  "rateLimited",
  "rejectedIdentifier",
  "serverInternal",
  "tls",
  "unauthorized",
  "unsupportedContact",
  "unsupportedIdentifier",
  "userActionRequired",
]);

/** `unavailable`: it was no answer of an authority's; `other`: one of a kind of its own. */
export function failureKind({ type }: Pick<CertificateProblem, "type">): string {
  if (type === "") return "unavailable";
  return kinds.has(type) ? type : "other";
}
