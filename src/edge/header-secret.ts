import { Buffer } from "node:buffer";
import { hash, timingSafeEqual } from "node:crypto";
import type { HeaderSecret } from "#model/definition.ts";

/**
 * Whether a request shows the secret: the field once, with the right value. Digests are compared, so the time taken says
 * nothing about how much of the value is right.
 *
 * @param raw fields, flat, as received
 */
export function showsSecret(raw: readonly string[], { header, value }: HeaderSecret): boolean {
  let shown: string | null = null;
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if ((raw[at] as string).toLowerCase() !== header) continue;
    if (shown !== null) return false;
    shown = raw[at + 1] as string;
  }
  return shown !== null && timingSafeEqual(hash("sha256", shown, "buffer"), Buffer.from(value, "base64"));
}
