import type { webcrypto } from "node:crypto";

/** Signs certificates for workloads, and takes them back: the internal CA. */
export interface WorkloadIssuer {
  /**
   * @param names host names, addresses and URIs
   * @param listsOf URLs of the revocation list of an issuer, by its key identifier; none: the certificate names none
   * @returns the leaf with its chain, PEM
   */
  issueFor(
    names: readonly string[],
    publicKey: webcrypto.CryptoKey,
    lifetimeMs: number,
    listsOf: (issuer: string) => readonly string[],
  ): Promise<{ readonly chain: string; readonly serial: string; readonly notAfter: number }>;
  /** In the lists from now on, and on disk. @param chain as it was issued @param reason RFC 5280 §5.3.1 */
  revoke(chain: string, reason: number): Promise<void>;
  /** DER. @param issuer key identifier, hex @returns null when there is none, or none any more */
  revocationList(issuer: string): Promise<Uint8Array | null>;
}
