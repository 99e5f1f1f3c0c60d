import { Buffer } from "node:buffer";

const keyLength = 32;

/**
 * Keys of 32 random bytes each, as base64, base64url or hex; several with white space between. What follows `#` on a
 * line is for people.
 *
 * @returns what is wrong, without anything of the text, when they cannot be used
 */
export function keysIn(text: string, most: number): readonly Uint8Array[] | string {
  const words = text
    .replaceAll(/#.*$/gm, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return "it holds no key";
  if (words.length > most) return `it holds more than ${most} keys`;
  const keys = words.map(keyIn);
  return keys.find((key) => typeof key === "string") ?? (keys as readonly Uint8Array[]);
}

function keyIn(word: string): Uint8Array | string {
  const isHex = /^[0-9a-fA-F]{64}$/.test(word);
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(word);
  if (!isHex && !isBase64) return "a key is 32 bytes as base64 or hex (openssl rand -base64 32)";
  const key = Buffer.from(word, isHex ? "hex" : "base64");
  // Zeros are what a forgotten placeholder is.
  return key.length !== keyLength || key.every((byte) => byte === key[0]) ? "a key of it is not random" : key;
}
