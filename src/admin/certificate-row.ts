/** What people are shown of one certificate: `sallyport certificates` and `GET /certificates`. Times are ISO 8601. */
export interface CertificateRow {
  readonly names: readonly string[];
  /** `client`: shown to backends; its name is the one that it has in the definition. */
  readonly source: "acme" | "internal" | "file" | "client";
  /** Who signed it; null while there is none. */
  readonly issuer: string | null;
  readonly serial: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  /** When it will be renewed; null when nobody here does that, or when there is none. */
  readonly renewal: string | null;
  readonly state: CertificateState;
  /** Why the last try failed, in the authority's own words. */
  readonly problem: CertificateProblem | null;
  /** Issuers that gave none at the last try, before the one that issued or is in `problem`. */
  readonly passedOver: readonly CertificateProblem[];
  /** Null: none is planned. */
  readonly nextTry: string | null;
  /** Null: the certificate names no responder, and needs no status. */
  readonly ocsp: OcspRow | null;
}

/** What the certificate's responder says of it. Only `good` is sent to clients. */
export interface OcspRow {
  readonly status: "good" | "revoked" | "none";
  /** Clients refuse it without a status. */
  readonly mustStaple: boolean;
  readonly thisUpdate: string | null;
  readonly nextUpdate: string | null;
  /** Why the last try failed; null when it did not. */
  readonly problem: string | null;
  readonly nextTry: string | null;
}

/**
 * `valid`, also while a renewal goes on failing: see `problem`. `pending`: the first one is being ordered. `failing`:
 * there is none, or it has expired, and the next try has its time. `given-up`: tries failed for thirty days.
 * `expired`: nobody here renews it.
 */
export type CertificateState = "valid" | "pending" | "failing" | "given-up" | "expired";

export interface CertificateProblem {
  readonly at: string;
  readonly issuer: string;
  readonly challenge: string | null;
  readonly type: string;
  readonly text: string;
}

/** Visitors, or backends, see an error for it. */
export function isTrouble({ state, ocsp }: CertificateRow): boolean {
  if (ocsp !== null && (ocsp.status === "revoked" || (ocsp.mustStaple && ocsp.status === "none"))) return true;
  return state === "failing" || state === "given-up" || state === "expired";
}
