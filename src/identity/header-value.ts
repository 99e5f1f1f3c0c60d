import { Buffer } from "node:buffer";

/**
 * Text as a field value: printable ASCII as it is, everything else and `%` itself percent-encoded as UTF-8. Encoding
 * `%` too keeps it reversible: nobody can be called what another one's name is encoded to.
 */
export function headerSafe(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text;
  let encoded = "";
  for (const byte of Buffer.from(text, "utf8")) encoded += isPlain(byte) ? String.fromCharCode(byte) : escaped(byte);
  return encoded;
}

function isPlain(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x7e && byte !== 0x25;
}

function escaped(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}
