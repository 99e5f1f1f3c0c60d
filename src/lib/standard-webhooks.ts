import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/** Fields of a signed message. @see https://www.standardwebhooks.com */
export interface SignedFields {
  readonly id: string;
  /** Seconds since the epoch, as text. */
  readonly timestamp: string;
  /** `v1,` and base64, several behind blanks. */
  readonly signature: string;
}

/** A message this old, or from so far ahead, is somebody's copy. */
const toleranceMs = 5 * 60_000;

/** @param secret `whsec_` and base64, or any text */
export function signMessage(secret: string, id: string, timestamp: string, body: Uint8Array): string {
  return `v1,${mac(secret, id, timestamp, body).toString("base64")}`;
}

/** Whether the holder of the secret has sent this, now. Compares in constant time. */
export function isSigned(
  secret: string,
  { id, timestamp, signature }: SignedFields,
  body: Uint8Array,
  now: number,
): boolean {
  if (!/^[\x21-\x7e]{1,128}$/.test(id) || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(now - Number(timestamp) * 1000) > toleranceMs) return false;
  const due = mac(secret, id, timestamp, body);
  return signature
    .split(" ", 8)
    .filter((one) => one.startsWith("v1,"))
    .map((one) => Buffer.from(one.slice(3), "base64"))
    .some((given) => given.length === due.length && timingSafeEqual(given, due));
}

function mac(secret: string, id: string, timestamp: string, body: Uint8Array): Buffer {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice(6), "base64") : Buffer.from(secret);
  return createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
}
