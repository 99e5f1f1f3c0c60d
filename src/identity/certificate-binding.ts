import { Buffer } from "node:buffer";
import type { TlsFacts } from "#model/exchange.ts";

/**
 * Whether a token that is bound to this certificate came over another connection: then it was stolen, or goes through a
 * proxy that ends the client's TLS.
 * @param thumbprint of the token's confirmation
 * @see RFC 8705 §3.1
 */
export function isBoundElsewhere(thumbprint: string, tls: TlsFacts | null): boolean {
  const certificate = tls?.certificate ?? null;
  return certificate === null || thumbprint !== thumbprintOf(certificate.fingerprint);
}

function thumbprintOf(fingerprint: string): string {
  return Buffer.from(fingerprint, "hex").toString("base64url");
}
