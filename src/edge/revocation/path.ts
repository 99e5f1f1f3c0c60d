import type { X509Certificate } from "node:crypto";

/** Longer ones are not in use. */
const mostIssuers = 6;

/**
 * From a certificate to an authority that is trusted, both included: each has signed the one before. Only along such a
 * path is anybody asked, since whoever signs a certificate says in it who that is.
 *
 * @param issuers that may stand between them
 * @returns null when there is none
 */
export function pathToTrusted(
  certificate: X509Certificate,
  issuers: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): readonly X509Certificate[] | null {
  return walk([certificate], issuers, trusted);
}

function walk(
  path: readonly X509Certificate[],
  issuers: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): readonly X509Certificate[] | null {
  const last = path.at(-1) as X509Certificate;
  if (trusted.some((one) => one.raw.equals(last.raw))) return path;
  const root = trusted.find((one) => hasIssued(one, last));
  if (root !== undefined) return [...path, root];
  if (path.length > mostIssuers) return null;
  for (const issuer of issuers) {
    if (path.some((one) => one.raw.equals(issuer.raw)) || !hasIssued(issuer, last)) continue;
    const found = walk([...path, issuer], issuers, trusted);
    if (found !== null) return found;
  }
  return null;
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
