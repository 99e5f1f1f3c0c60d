import { Buffer } from "node:buffer";
import type { Random } from "#model/ports.ts";

/** Nonces that were given out and not used yet. The oldest go first: their clients get `badNonce`, and a fresh one. */
export class Nonces {
  readonly #random: Random;
  readonly #limit: number;
  readonly #open = new Set<string>();

  constructor(random: Random, limit: number = 10_000) {
    this.#random = random;
    this.#limit = limit;
  }

  issue(): string {
    const nonce = Buffer.from(this.#random.bytes(16)).toString("base64url");
    if (this.#open.size >= this.#limit) {
      for (const oldest of this.#open) {
        this.#open.delete(oldest);
        break;
      }
    }
    this.#open.add(nonce);
    return nonce;
  }

  /** True once for each nonce that was given out. */
  spend(nonce: string): boolean {
    return this.#open.delete(nonce);
  }
}
