import { createHash } from "node:crypto";

/** @see RFC 6455 §1.3 */
const suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** 16 bytes in base64, in its one spelling: the last digit has four bits over, which are 0. */
const keyForm = /^[A-Za-z0-9+/]{21}[AQgw]==$/;

/** @see RFC 6455 §4.2.1 */
export function isWebSocketKey(value: string): boolean {
  return keyForm.test(value);
}

/** What the server answers to a key. @see RFC 6455 §4.2.2 */
export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}${suffix}`, "latin1").digest("base64");
}
