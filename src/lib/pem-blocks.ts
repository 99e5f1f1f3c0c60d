export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`. */
  readonly label: string;
  /** With its first and last line. */
  readonly text: string;
}

const begin = "-----BEGIN ";
const dashes = "-----";
const longestLabel = 64;

/** What stands in a PEM file, in its order; text around it is none. Linear in its length. @see RFC 7468 */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let from = text.indexOf(begin);
  while (from >= 0) {
    const labelEnd = text.indexOf(dashes, from + begin.length);
    const label = text.slice(from + begin.length, labelEnd);
    const end = `-----END ${label}-----`;
    const to = labelEnd < 0 || label.length > longestLabel ? -1 : text.indexOf(end, labelEnd);
    // Without its end nothing behind it can be told from it.
    if (to < 0) return blocks;
    blocks.push({ label, text: text.slice(from, to + end.length) });
    from = text.indexOf(begin, to + end.length);
  }
  return blocks;
}

/** Bytes between the first and the last line. */
export function pemBytes({ label, text }: PemBlock): Uint8Array {
  return Buffer.from(text.slice(begin.length + label.length + dashes.length, text.lastIndexOf("-----END ")), "base64");
}
