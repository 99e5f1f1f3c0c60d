import { Buffer } from "node:buffer";
import { hkdfSync } from "node:crypto";
import { keysIn } from "#lib/key-text.ts";
import { GatewayError } from "#model/errors.ts";
import type { SealingKey } from "./sealer.ts";

/** Key-encryption keys as they were found: the first seals, all open. */
export interface Keks {
  /** Where they are, for people: `file /etc/sallyport.kek`. */
  readonly from: string;
  readonly keys: readonly [SealingKey, ...SealingKey[]];
}

export const mostKeys = 8;

/**
 * 32 random bytes as base64, base64url or hex; several, the newest first, with white space between. What follows `#` on
 * a line is for people.
 *
 * @param from names the source in messages, which hold nothing of the text
 * @throws GatewayError `seal-key-refused`
 */
export function readKeks(text: string, from: string): Keks {
  const found = keysIn(text, mostKeys);
  if (typeof found === "string") throw refused(from, found);
  const [first, ...others] = found.map((key) => ({ id: kekId(key), key }));
  if (first === undefined) throw refused(from, "it holds no key");
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

/** Names the key and tells nothing of it. */
function kekId(key: Uint8Array): string {
  return Buffer.from(hkdfSync("sha256", key, new Uint8Array(0), "sallyport key-encryption key id 1", 8)).toString(
    "hex",
  );
}
