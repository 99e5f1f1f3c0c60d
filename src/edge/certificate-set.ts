import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { constants } from "node:crypto";
import type { ClientTrust } from "./client-trust.ts";
import type { CertificateSource, EdgeCertificate } from "./edge-types.ts";

/** TLS 1.2 with forward secrecy and AEAD only; no renegotiation, which costs the server far more than the client. */
export const secureOptions: SecureContextOptions = {
  minVersion: "TLSv1.2",
  ciphers: [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
  ].join(":"),
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

export function clientAuthorities(trust: ClientTrust | null): SecureContextOptions {
  return trust === null ? {} : { ca: trust.ca };
}

export class CertificateEntry {
  readonly context: SecureContext;
  readonly #hosts: ReadonlySet<string>;

  constructor(certificate: EdgeCertificate, trust: ClientTrust | null) {
    this.context = createSecureContext({
      ...secureOptions,
      ...clientAuthorities(trust),
      cert: certificate.certPem,
      key: certificate.keyPem,
    });
    this.#hosts = new Set(certificate.hosts);
  }

  covers(host: string): boolean {
    return this.#hosts.has(host) || this.#hosts.has(wildcardOf(host));
  }
}

/** Certificates by server name; exact names before wildcards. */
export class CertificateSet {
  /** For clients that send no server name. */
  readonly fallback: EdgeCertificate | undefined;
  readonly #byName = new Map<string, CertificateEntry>();

  /** @throws Error of OpenSSL when a certificate and its key do not go together. */
  constructor(certificates: CertificateSource, trust: ClientTrust | null) {
    this.fallback = certificates[0];
    for (const certificate of certificates) {
      const entry = new CertificateEntry(certificate, trust);
      for (const host of certificate.hosts) if (!this.#byName.has(host)) this.#byName.set(host, entry);
    }
  }

  find(serverName: string): CertificateEntry | undefined {
    const name = serverName.toLowerCase();
    return this.#byName.get(name) ?? this.#byName.get(wildcardOf(name));
  }
}

/** `*.example.com` for `api.example.com`: a wildcard stands for exactly one label. */
function wildcardOf(host: string): string {
  const at = host.indexOf(".");
  return at < 1 ? "" : `*${host.slice(at)}`;
}
