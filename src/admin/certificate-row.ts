/** What people are shown of one certificate: `sallyport certificates` and `GET /certificates`. Times are ISO 8601. */
export interface CertificateRow {
  readonly names: readonly string[];
  readonly source: "acme" | "internal" | "file";
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
  /** Null: none is planned. */
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

/** Visitors see an error for it. */
export function isTrouble({ state }: CertificateRow): boolean {
  return state === "failing" || state === "given-up" || state === "expired";
}
