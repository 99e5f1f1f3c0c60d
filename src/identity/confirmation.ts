import type { Claims } from "./claim-values.ts";
import { isObject } from "./strict-json.ts";

/** What a token is bound to: whoever sends it must have it. At least one of them is there. */
export interface Confirmation {
  /** SHA-256 of a client certificate, base64url. @see RFC 8705 §3.1 */
  readonly certificate?: string;
  /** SHA-256 thumbprint of a key, base64url. @see RFC 9449 §6.1 */
  readonly key?: string;
}

const members: Readonly<Record<string, keyof Confirmation>> = { "x5t#S256": "certificate", jkt: "key" };

/**
 * What a token is bound to.
 * @returns undefined for a bearer token; null where it cannot be told: a method that is not understood proves nothing
 * @see RFC 7800 §3.1
 */
export function confirmationOf(claims: Claims): Confirmation | undefined | null {
  const { cnf } = claims;
  if (cnf === undefined) return undefined;
  if (!isObject(cnf)) return null;
  const found: { certificate?: string; key?: string } = {};
  for (const [name, value] of Object.entries(cnf)) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member === undefined || typeof value !== "string" || !/^[\w-]{43}$/.test(value)) return null;
    found[member] = value;
  }
  return found.certificate === undefined && found.key === undefined ? null : found;
}
