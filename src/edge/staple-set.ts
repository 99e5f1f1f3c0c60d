import { Buffer } from "node:buffer";
import type { StapleNews } from "./edge-types.ts";
import { fingerprintOf } from "./ocsp/fingerprint.ts";

/** What clients are sent that ask for the status of a certificate. */
export class StapleSet {
  readonly #staples = new Map<string, Buffer>();

  constructor(staples: readonly StapleNews[]) {
    for (const news of staples) this.set(news);
  }

  set({ fingerprint, der }: StapleNews): void {
    if (der === null) this.#staples.delete(fingerprint);
    else this.#staples.set(fingerprint, Buffer.from(der));
  }

  /** @param certificate DER of the one that is about to be sent; absent where there is none */
  find(certificate: Uint8Array | null | undefined): Buffer | null {
    if (this.#staples.size === 0 || !certificate) return null;
    return this.#staples.get(fingerprintOf(certificate)) ?? null;
  }
}
