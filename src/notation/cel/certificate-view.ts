import type { ClientCertificate } from "#model/exchange.ts";

/** Type of `principal.certificate`: the verified one of the connection. Without one all of it is empty. */
export const certificateFields = {
  verified: "bool",
  subject: "string",
  issuer: "string",
  serial: "string",
  fingerprint: "string",
  dnsNames: "list<string>",
  uris: "list<string>",
  emails: "list<string>",
} as const;

const nothing: readonly string[] = Object.freeze([]);

export class CertificateView {
  readonly #certificate: ClientCertificate | null;

  constructor(certificate: ClientCertificate | null) {
    this.#certificate = certificate;
  }

  get verified(): boolean {
    return this.#certificate !== null;
  }

  get subject(): string {
    return this.#certificate?.subject ?? "";
  }

  get issuer(): string {
    return this.#certificate?.issuer ?? "";
  }

  get serial(): string {
    return this.#certificate?.serial ?? "";
  }

  get fingerprint(): string {
    return this.#certificate?.fingerprint ?? "";
  }

  get dnsNames(): readonly string[] {
    return this.#certificate?.dnsNames ?? nothing;
  }

  get uris(): readonly string[] {
    return this.#certificate?.uris ?? nothing;
  }

  get emails(): readonly string[] {
    return this.#certificate?.emails ?? nothing;
  }
}
