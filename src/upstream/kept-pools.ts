import type { TransportPool } from "#wire/transport.ts";

/** Certificates may be computed, so pools that show one are bounded: the one that was longest not used goes. */
const maxShowing = 64;

/** Pools of connections that are kept between calls: of each origin one, and one for each certificate that is shown there. */
export class KeptPools {
  readonly #plain: Map<string, TransportPool> = new Map();
  readonly #showing: Map<string, TransportPool> = new Map();

  get(origin: string, certificate: string | undefined, make: () => TransportPool): TransportPool {
    if (certificate !== undefined) return this.#showingOf(`${certificate} ${origin}`, make);
    let pool = this.#plain.get(origin);
    if (pool === undefined) this.#plain.set(origin, (pool = make()));
    return pool;
  }

  retire(): void {
    for (const pool of [...this.#plain.values(), ...this.#showing.values()]) pool.retire();
    this.#plain.clear();
    this.#showing.clear();
  }

  #showingOf(key: string, make: () => TransportPool): TransportPool {
    const pool = this.#showing.get(key) ?? make();
    if (!this.#showing.delete(key) && this.#showing.size >= maxShowing) this.#forgetOne();
    this.#showing.set(key, pool);
    return pool;
  }

  /** What is under way there ends as usual. */
  #forgetOne(): void {
    for (const [key, pool] of this.#showing) {
      this.#showing.delete(key);
      pool.retire();
      return;
    }
  }
}
