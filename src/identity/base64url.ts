import { Buffer } from "node:buffer";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes base64url as RFC 7515 §2 writes it: no padding, no white space, no other character, and no bits set that
 * carry nothing. Node's decoder skips what it does not know, so that many texts would stand for one token, and a
 * token refused or revoked by its text could be sent again in another one.
 * @returns undefined when the text is anything else
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const tail = text.length % 4;
  if (tail === 1 || !/^[\w-]*$/.test(text)) return undefined;
  if (tail !== 0 && unusedBits(text, tail) !== 0) return undefined;
  return Buffer.from(text, "base64url");
}

/** Two characters carry 8 of 12 bits, three carry 16 of 18; the rest must be zero. */
function unusedBits(text: string, tail: number): number {
  return alphabet.indexOf(text.at(-1) as string) & (tail === 2 ? 0b1111 : 0b11);
}

/** @returns undefined when the bytes are not UTF-8: a replacement character would make two byte strings one. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
