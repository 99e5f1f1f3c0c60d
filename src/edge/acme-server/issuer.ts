import type { webcrypto } from "node:crypto";

/** Signs certificates for workloads: the internal CA. */
export interface WorkloadIssuer {
  /** @param names host names, addresses and URIs @returns the leaf with its chain, PEM */
  issueFor(
    names: readonly string[],
    publicKey: webcrypto.CryptoKey,
    lifetimeMs: number,
  ): Promise<{ readonly chain: string; readonly serial: string; readonly notAfter: number }>;
}
