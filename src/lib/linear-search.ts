/** Characters that a search may compare in the worst case before it is worth a table. */
export const cheapSearch: number = 1 << 22;

/**
 * For each prefix the length of its longest proper border: with it a search takes linear time. JavaScript's own
 * compares up to text times pattern characters: a client that sends both (a long run of one letter, and the same run
 * with another letter in its middle) would hold the thread for minutes.
 * @see D. E. Knuth, J. H. Morris, V. R. Pratt: Fast Pattern Matching in Strings
 */
export function bordersOf(wanted: string): Int32Array {
  const table = new Int32Array(wanted.length);
  for (let at = 1, length = 0; at < wanted.length; at += 1) {
    while (length > 0 && wanted.charCodeAt(at) !== wanted.charCodeAt(length)) length = table[length - 1] ?? 0;
    if (wanted.charCodeAt(at) === wanted.charCodeAt(length)) length += 1;
    table[at] = length;
  }
  return table;
}

export interface LinearSearch {
  readonly wanted: string;
  /** `bordersOf(wanted)` */
  readonly table: Int32Array;
  readonly from: number;
  /** Where the last match ends at most. */
  readonly end: number;
  /** The last match, not the first. */
  readonly last?: boolean;
  /** Told now and then; may throw. */
  readonly tick?: () => void;
}

/** @returns where the match begins, or -1 */
export function linearSearch(within: string, { wanted, table, from, end, last, tick }: LinearSearch): number {
  let found = -1;
  for (let at = from, length = 0; at < end; at += 1) {
    while (length > 0 && within.charCodeAt(at) !== wanted.charCodeAt(length)) length = table[length - 1] ?? 0;
    if (within.charCodeAt(at) === wanted.charCodeAt(length)) length += 1;
    if ((at & 1023) === 0) tick?.();
    if (length < wanted.length) continue;
    found = at - length + 1;
    if (last !== true) return found;
    // Matches may overlap.
    length = table[length - 1] ?? 0;
  }
  return found;
}
