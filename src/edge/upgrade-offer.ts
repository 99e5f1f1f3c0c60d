import type { RequestHead } from "./http1-request-parser.ts";

/**
 * The one protocol that a request asks to go on in, lower case, or null when it is to be taken for an ordinary request:
 * several protocols at once, HTTP/1.0, a method other than GET, a body. Nobody has to take an offer (RFC 9110 §7.8), and
 * behind a body there is no telling apart what belongs to which protocol.
 */
export function offeredProtocol({ method, minor, fields }: RequestHead): string | null {
  if (method !== "GET" || minor !== 1) return null;
  let offered: string | null = null;
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const name = (fields[at] as string).toLowerCase();
    if (name === "content-length" || name === "transfer-encoding" || name === "expect") return null;
    if (name !== "upgrade") continue;
    if (offered !== null) return null;
    offered = (fields[at + 1] as string).toLowerCase();
  }
  return offered !== null && isProtocol(offered) ? offered : null;
}

export function isProtocol(lowerName: string): boolean {
  return protocolForm.test(lowerName);
}

/** A protocol's name, perhaps with a version. @see RFC 9110 §7.8 */
const protocolForm = /^[!#$%&'*+.^_`|~0-9a-z-]{1,64}(?:\/[!#$%&'*+.^_`|~0-9a-z-]{1,64})?$/;
