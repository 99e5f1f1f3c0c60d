/**
 * A secret that goes to another thread: its mark keeps the value out of hashes, of comparisons and of what is printed.
 */
export interface MarkedSecret {
  readonly secret: true;
  /** Where it was read from, which counts instead; absent: whoever made it had no definition. */
  readonly origin?: string;
  readonly value: string;
}
