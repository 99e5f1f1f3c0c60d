/** Places for work that is under way, in all and for one key: whoever finds none is refused at once and waits for nothing. */
export class Places {
  readonly #most: number;
  readonly #mostOfOne: number;
  /** No more keys than places. */
  readonly #taken = new Map<string, number>();
  #all = 0;

  constructor(most: number, mostOfOne: number) {
    this.#most = most;
    this.#mostOfOne = mostOfOne;
  }

  get free(): number {
    return this.#most - this.#all;
  }

  /** Whoever gets true calls {@link leave} once, whatever happens. */
  take(key: string): boolean {
    const mine = this.#taken.get(key) ?? 0;
    if (this.#all >= this.#most || mine >= this.#mostOfOne) return false;
    this.#all += 1;
    this.#taken.set(key, mine + 1);
    return true;
  }

  leave(key: string): void {
    const mine = this.#taken.get(key) ?? 0;
    if (mine === 0) return;
    this.#all -= 1;
    if (mine === 1) this.#taken.delete(key);
    else this.#taken.set(key, mine - 1);
  }
}
