import type { ClientCertificate, Exchange } from "#model/exchange.ts";
import { anonymous, type Principal } from "#model/principal.ts";
import { principalId } from "./principal-id.ts";

/** One object for all requests of a connection, as the record's and the header's memory of principals expect. */
const known = new WeakMap<ClientCertificate, Principal>();

/** A verified client certificate stands for the workload that holds its key. */
export function authenticateCertificate(exchange: Exchange): void {
  const { tls } = exchange.facts;
  if (tls === null) return;
  if (tls.certificate !== null) exchange.principal = principalOf(tls.certificate);
  else if (tls.certificateProblem !== null) exchange.identityNote = "certificate-not-trusted";
}

function principalOf(certificate: ClientCertificate): Principal {
  let principal = known.get(certificate);
  if (principal === undefined) known.set(certificate, (principal = toPrincipal(certificate)));
  return principal;
}

/**
 * An X.509-SVID is its SPIFFE ID, whoever signed it: that changes with every rotation. Any other certificate is its
 * subject, or its first name when the subject is empty, at its issuer.
 */
function toPrincipal(certificate: ClientCertificate): Principal {
  const spiffe = spiffeId(certificate);
  const subject = spiffe?.id ?? namedSubject(certificate);
  const issuer = spiffe?.trustDomain ?? `x509:${certificate.issuer}`;
  const [email] = certificate.emails;
  return Object.freeze({
    ...anonymous,
    // A name at the issuer's end must not be cut differently into another principal's id.
    id: principalId(issuer.replaceAll("%", "%25").replaceAll("|", "%7C"), "", subject),
    kind: "service",
    issuer,
    subject,
    authMethod: "client-certificate",
    ...(email === undefined ? {} : { email }),
  } satisfies Principal);
}

/** @see https://github.com/spiffe/spiffe/blob/main/standards/X509-SVID.md §2: exactly one URI name */
function spiffeId({ uris }: ClientCertificate): { readonly id: string; readonly trustDomain: string } | undefined {
  const [id = ""] = uris;
  const [, trustDomain] = /^(spiffe:\/\/[a-z0-9._-]+)(?:\/[A-Za-z0-9._-]+)+$/.exec(id) ?? [];
  return uris.length === 1 && trustDomain !== undefined ? { id, trustDomain } : undefined;
}

function namedSubject({ subject, dnsNames, uris, emails, fingerprint }: ClientCertificate): string {
  return subject || (dnsNames[0] ?? uris[0] ?? emails[0] ?? fingerprint);
}
