import type { Buffer } from "node:buffer";
import type { Clock } from "#model/ports.ts";
import type { Revocations } from "./revocations.ts";
import { signRevocationList } from "./sign-revocation-list.ts";
import { validityOf } from "./validity.ts";
import type { Authority } from "./x509.ts";

const hour = 3_600_000;
/** How long clients may use one. */
const validFor = 12 * hour;
/** Made anew after this time, though nothing has changed. */
const freshFor = hour;

interface Made {
  readonly der: Buffer;
  readonly at: number;
  /** Of the revocations that it was made of. */
  readonly version: number;
}

/** Revocation lists of the internal CA's issuers, one for each: made when somebody asks, at most one an hour and revocation. */
export class RevocationLists {
  readonly #revocations: Revocations;
  readonly #clock: Clock;
  readonly #made = new Map<string, Promise<Made>>();
  #lastNumber = 0;

  constructor(revocations: Revocations, clock: Clock) {
    this.#revocations = revocations;
    this.#clock = clock;
  }

  /** @param id key identifier of the issuer @returns DER @see RFC 5280 §5 */
  async listOf(id: string, issuer: Authority): Promise<Buffer> {
    const before = await this.#made.get(id);
    if (before !== undefined && this.#isFresh(before)) return before.der;
    const making = this.#make(id, issuer);
    this.#made.set(id, making);
    making.catch(() => this.#made.delete(id));
    return (await making).der;
  }

  forget(id: string): void {
    this.#made.delete(id);
  }

  #isFresh({ at, version }: Made): boolean {
    return this.#clock.now() - at < freshFor && version === this.#revocations.version;
  }

  async #make(id: string, issuer: Authority): Promise<Made> {
    const at = this.#clock.now();
    const { version } = this.#revocations;
    const entries = this.#revocations.of(id);
    // Later ones have greater numbers, also after a restart.
    this.#lastNumber = Math.max(this.#lastNumber + 1, at);
    const nextUpdate = Math.min(at + validFor, validityOf(issuer).notAfter);
    const der = await signRevocationList(issuer, { entries, thisUpdate: at, nextUpdate, number: this.#lastNumber });
    return { der, at, version };
  }
}
