import type { SecureContext } from "node:tls";
import { GatewayError } from "#model/errors.ts";
import type { OwnCertificate } from "#model/own-certificate.ts";

/** Certificates may be computed, so their number is bounded: the one that was longest not asked for goes. */
const maxCertificates = 32;

/** TLS contexts for one kind of destination: without a certificate of a policy's choice, and for each such one. */
export class TlsContexts {
  readonly #make: (certificate: OwnCertificate | null) => SecureContext;
  #plain: SecureContext | null = null;
  readonly #showing: Map<string, SecureContext> = new Map();

  /** @param make costs milliseconds */
  constructor(make: (certificate: OwnCertificate | null) => SecureContext) {
    this.#make = make;
  }

  get plain(): SecureContext {
    return (this.#plain ??= this.#make(null));
  }

  /** @throws GatewayError `upstream-connect-failed` when TLS cannot use the certificate */
  showing(certificate: OwnCertificate): SecureContext {
    const known = this.#showing.get(certificate.id);
    if (known !== undefined) return known;
    const made = this.#made(certificate);
    if (this.#showing.size >= maxCertificates) this.#showing.delete(this.#showing.keys().next().value as string);
    this.#showing.set(certificate.id, made);
    return made;
  }

  #made(certificate: OwnCertificate): SecureContext {
    try {
      return this.#make(certificate);
    } catch {
      // Without the cause: its message may quote the key.
      throw new GatewayError("upstream-connect-failed", 502, "TLS cannot use the certificate that is to be shown");
    }
  }
}
