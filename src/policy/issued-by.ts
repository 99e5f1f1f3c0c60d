import { X509Certificate } from "node:crypto";
import type { ClientCertificate } from "#model/exchange.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";

/**
 * Whether `issuer` has signed a client's certificate: by its name and by its key, so that a namesake is none. Clients need
 * not send it, and of a resumed session only the leaf is known.
 */
export function issuedBy({ chainPem }: OwnCertificate): (certificate: ClientCertificate) => boolean {
  const issuer = new X509Certificate(chainPem);
  // A connection's certificate is one object for all its requests.
  const known = new WeakMap<ClientCertificate, boolean>();
  return (certificate) => {
    let isIssued = known.get(certificate);
    if (isIssued === undefined) {
      isIssued = isSignedBy(certificate.path[0], issuer);
      known.set(certificate, isIssued);
    }
    return isIssued;
  };
}

function isSignedBy(der: Uint8Array | undefined, issuer: X509Certificate): boolean {
  if (der === undefined) return false;
  const leaf = new X509Certificate(der);
  return leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey);
}
