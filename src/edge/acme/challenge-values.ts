import { createHash } from "node:crypto";

/** @see RFC 8555 §8.1 */
export function keyAuthorizationOf(token: string, thumbprint: string): string {
  return `${token}.${thumbprint}`;
}

/** Text of the TXT record. @see RFC 8555 §8.4 */
export function dnsTextOf(keyAuthorization: string): string {
  return createHash("sha256").update(keyAuthorization).digest("base64url");
}

/** Where the record stands; that of a wildcard stands at its parent. */
export function dnsNameOf(domain: string): string {
  return `_acme-challenge.${domain.replace(/^\*\./, "")}`;
}

/** Base64url, and nothing that could leave the folder of a path. @see RFC 8555 §8.1 */
export function isToken(token: string): boolean {
  return /^[A-Za-z0-9_-]{22,512}$/.test(token);
}
