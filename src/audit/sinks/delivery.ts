import type { PlacedRecord } from "./placed-records.ts";

/** A record as it is sent. */
export interface SentRecord extends PlacedRecord {
  /** JSON on one line. */
  readonly text: string;
}

export type Delivered =
  /** The receiver has it; `rejected`: records that it has taken note of and does not want. */
  | { readonly outcome: "taken"; readonly rejected: number; readonly why: string | null }
  /** It does not have it, or that is not known. The text says why, without a secret. */
  | { readonly outcome: "retry"; readonly why: string; readonly afterMs?: number }
  /** It takes fewer at a time. */
  | { readonly outcome: "too-large"; readonly why: string };

/** One try to send records; never rejects. */
export type Deliver = (records: readonly SentRecord[]) => Promise<Delivered>;
