import { hash } from "node:crypto";

/** What a certificate is called between main and the workers: SHA-256 over its DER, base64. */
export function fingerprintOf(der: Uint8Array): string {
  return hash("sha256", der, "base64");
}
