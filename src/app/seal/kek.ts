import { Buffer } from "node:buffer";
import { hkdfSync } from "node:crypto";
import { GatewayError } from "#model/errors.ts";
import type { SealingKey } from "./sealer.ts";

/** Key-encryption keys as they were found: the first seals, all open. */
export interface Keks {
  /** Where they are, for people: `file /etc/sallyport.kek`. */
  readonly from: string;
  readonly keys: readonly [SealingKey, ...SealingKey[]];
}

export const mostKeys = 8;
const keyLength = 32;

/**
 * 32 random bytes as base64, base64url or hex; several, the newest first, with white space between. What follows `#` on
 * a line is for people.
 *
 * @param from names the source in messages, which hold nothing of the text
 * @throws GatewayError `seal-key-refused`
 */
export function readKeks(text: string, from: string): Keks {
  const words = text
    .replaceAll(/#.*$/gm, "")
    .split(/\s+/)
    .filter((word) => word !== "");
  const [first, ...others] = words.map((word) => keyIn(word, from));
  if (first === undefined) throw refused(from, "it holds no key");
  if (words.length > mostKeys) throw refused(from, `it holds more than ${mostKeys} keys`);
  return { from, keys: [first, ...others] };
}

/** A line for a file of keys. */
export function kekLine(key: Uint8Array): string {
  return `${Buffer.from(key).toString("base64")}\n`;
}

export function refused(from: string, why: string, cause?: unknown): GatewayError {
  const message = `the key-encryption key in ${from} cannot be used: ${why}`;
  return new GatewayError("seal-key-refused", 500, message, cause === undefined ? {} : { cause });
}

function keyIn(word: string, from: string): SealingKey {
  const isHex = /^[0-9a-fA-F]{64}$/.test(word);
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(word);
  if (!isHex && !isBase64) throw refused(from, "a key is 32 bytes as base64 or hex (openssl rand -base64 32)");
  const key = Buffer.from(word, isHex ? "hex" : "base64");
  // Zeros are what a forgotten placeholder is.
  if (key.length !== keyLength || key.every((byte) => byte === key[0]))
    throw refused(from, "a key of it is not random");
  return { id: kekId(key), key };
}

/** Names the key and tells nothing of it. */
function kekId(key: Uint8Array): string {
  return Buffer.from(hkdfSync("sha256", key, new Uint8Array(0), "sallyport key-encryption key id 1", 8)).toString(
    "hex",
  );
}
