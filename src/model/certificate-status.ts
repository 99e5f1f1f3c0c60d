import type { ClientCertificate } from "./exchange.ts";

/** What the issuers of a certificate say of it, and of those above it. */
export interface CertificateStatus {
  /** `unknown`: nobody could be asked, or nobody knows. It is then not to be trusted. */
  readonly status: "good" | "revoked" | "unknown";
  /** Which one, and why; for the record. */
  readonly detail: string;
  /** So long it may be believed; milliseconds since the epoch. */
  readonly until: number;
}

/** Whether verified client certificates were withdrawn. */
export interface CertificateStatuses {
  /** Without a promise when it is known. Never rejects. */
  of(certificate: ClientCertificate): CertificateStatus | Promise<CertificateStatus>;
}
