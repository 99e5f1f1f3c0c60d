import { Buffer } from "node:buffer";

const begin = "-----BEGIN SALLYPORT SEALED-----";
const end = "-----END SALLYPORT SEALED-----";

/** What is sealed, as the text of a file: whoever looks into it sees what it is. @see RFC 7468 §2 */
export function sealedText(sealed: Uint8Array): string {
  const lines =
    Buffer.from(sealed)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `${[begin, ...lines, end].join("\n")}\n`;
}

/** The bytes of {@link sealedText}; null: the text is not of this form. */
export function sealedBytes(text: string): Uint8Array | null {
  if (!text.startsWith(begin)) return null;
  const to = text.indexOf(end);
  return to < 0 ? null : Buffer.from(text.slice(begin.length, to), "base64");
}
