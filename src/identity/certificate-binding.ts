import { Buffer } from "node:buffer";
import type { TlsFacts } from "#model/exchange.ts";
import { isObject } from "./strict-json.ts";

/**
 * Whether a token is bound to a certificate that this connection does not have: then it was stolen, or goes through
 * a proxy that ends the client's TLS.
 *
 * @see RFC 8705 §3.1
 */
export function isBoundElsewhere(claims: Readonly<Record<string, unknown>>, tls: TlsFacts | null): boolean {
  const confirmation = claims["cnf"];
  if (!isObject(confirmation) || !Object.hasOwn(confirmation, "x5t#S256")) return false;
  const certificate = tls?.certificate ?? null;
  return certificate === null || confirmation["x5t#S256"] !== thumbprintOf(certificate.fingerprint);
}

function thumbprintOf(fingerprint: string): string {
  return Buffer.from(fingerprint, "hex").toString("base64url");
}
