import type { X509Certificate } from "node:crypto";
import { CRLDistributionPointsExtension, X509Certificate as ParsedCertificate } from "#edge/x509.ts";

/** Directories over LDAP are not asked. */
const mostUrls = 3;

/**
 * Where a certificate says that its issuer's list is; empty when it does not. Places of lists that others sign, or that
 * are for some reasons only, are left out.
 *
 * @see RFC 5280 §4.2.1.13
 */
export function listUrlsOf(certificate: X509Certificate): readonly string[] {
  const points = new ParsedCertificate(certificate.raw).getExtension(CRLDistributionPointsExtension);
  return [...(points?.distributionPoints ?? [])]
    .filter(({ reasons, cRLIssuer }) => reasons === undefined && cRLIssuer === undefined)
    .flatMap(({ distributionPoint }) => distributionPoint?.fullName ?? [])
    .flatMap(({ uniformResourceIdentifier: url }) => (url !== undefined && isUsable(url) ? [url] : []))
    .slice(0, mostUrls);
}

function isUsable(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "";
}
