import { hash } from "node:crypto";

/**
 * Names a token without telling it: SHA-256 of what is signed (header and payload), base64url. Not of the signature: one
 * of ECDSA has a second form (`n - s` for `s`) that anybody can compute and every library takes, so that a token which is
 * revoked by all its bytes could be sent again in other ones.
 * @see https://www.secg.org/sec1-v2.pdf §4.1.4
 */
export function tokenDigest(token: string): string {
  const signature = token.lastIndexOf(".");
  return hash("sha256", signature < 0 ? token : token.slice(0, signature), "base64url");
}
