import { Buffer } from "node:buffer";
import { TwoGenerations } from "#lib/two-generations.ts";

/** What an entry depends on: it is void as soon as the number is another one. */
export interface Generation {
  readonly generation: number;
}

interface Entry<V> {
  readonly value: V;
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly keys: Generation;
  readonly generation: number;
}

export interface TokenCacheBounds {
  readonly entries: number;
  /** Estimate of what the entries hold in memory. */
  readonly bytes: number;
}

/** Claims as objects take a few times the room of their text; measured at 3 to 5. */
const bytesPerCharacter = 6;
const bytesPerEntry = 1024;

/**
 * Verdicts by the token's full text, so that no two tokens share one. A hit is one look-up in a map: no promise, no
 * cryptography. It holds until its time is up or its issuer's keys change.
 */
export class TokenCache<V> {
  readonly #entries: TwoGenerations<Entry<V>>;

  constructor({ entries, bytes }: TokenCacheBounds) {
    this.#entries = new TwoGenerations(entries, bytes);
  }

  get size(): number {
    return this.#entries.size;
  }

  get(token: string, now: number): V | undefined {
    const entry = this.#entries.get(token);
    if (entry === undefined) return undefined;
    if (now < entry.until && entry.generation === entry.keys.generation) return entry.value;
    this.#entries.delete(token);
    return undefined;
  }

  /** `generation`: that of `keys` when the verdict was sought. Nothing is kept when they have changed or closed since. */
  set(token: string, value: V, until: number, keys: Generation, generation: number): void {
    if (generation < 0 || generation !== keys.generation) return;
    const bytes = bytesPerEntry + token.length * bytesPerCharacter;
    // A slice of a header would keep the whole buffer it was cut from alive.
    const own = Buffer.from(token, "latin1").toString("latin1");
    this.#entries.set(own, { value, until, keys, generation }, bytes);
  }
}
