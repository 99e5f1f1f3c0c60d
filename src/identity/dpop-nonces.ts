import { Buffer } from "node:buffer";
import type { Clock } from "#model/ports.ts";

/** A nonce is given out for so long, and good for as long again. */
const turnMs = 60_000;
const bytes = 16;

/** `current`: the one that is given out now; `passing`: still good, and soon not any more. */
export type NonceStanding = "current" | "passing" | "unknown";

/**
 * Nonces for proofs of possession: one a minute, the same for everybody and on all workers, so that nothing is kept for
 * anybody. Whoever has stolen the use of a client's key, but not the key, cannot make proofs ahead for later.
 * @see RFC 9449 §9, §11.2
 */
export class DpopNonces {
  readonly #clock: Clock;
  readonly #digest: (text: string) => Uint8Array;
  #turn = -1;
  #before = "";
  #now = "";
  #next = "";

  /** @param digest keyed, for nonces alone */
  constructor(clock: Clock, digest: (text: string) => Uint8Array) {
    this.#clock = clock;
    this.#digest = digest;
  }

  current(): string {
    this.#keepUp();
    return this.#now;
  }

  standing(nonce: unknown): NonceStanding {
    this.#keepUp();
    // Another worker's clock may be some milliseconds ahead.
    if (nonce === this.#now || nonce === this.#next) return "current";
    return nonce === this.#before ? "passing" : "unknown";
  }

  #keepUp(): void {
    const turn = Math.floor(this.#clock.now() / turnMs);
    if (turn === this.#turn) return;
    this.#turn = turn;
    this.#before = this.#of(turn - 1);
    this.#now = this.#of(turn);
    this.#next = this.#of(turn + 1);
  }

  #of(turn: number): string {
    return Buffer.from(this.#digest(`dpop nonce ${turn}`).subarray(0, bytes)).toString("base64url");
  }
}
