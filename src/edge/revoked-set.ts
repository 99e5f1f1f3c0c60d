import type { ClientCertificate } from "#model/exchange.ts";

/** Certificates of the internal CA that were revoked, as each worker has them. */
export class RevokedSet {
  /** Differs after each change, so that a connection looks once. */
  version = 0;
  #keys: ReadonlySet<string>;

  /** @param keys `<key identifier of the issuer>-<serial number>`, hex, lower case */
  constructor(keys: readonly string[]) {
    this.#keys = new Set(keys);
  }

  replace(keys: readonly string[]): void {
    this.#keys = new Set(keys);
    this.version += 1;
  }

  has({ issuerKeyId, serial }: ClientCertificate): boolean {
    return this.#keys.size > 0 && this.#keys.has(`${issuerKeyId}-${serial}`);
  }
}
