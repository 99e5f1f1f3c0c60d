const firstPlaces = 8;

/**
 * First in, first out, in one array that never shrinks and whose places are emptied: why not an array that is shifted,
 * see DenseSet.
 */
export class RingQueue<T> {
  #places: (T | null)[] = Array.from({ length: firstPlaces }, () => null);
  #first = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(member: T): void {
    if (this.#size === this.#places.length) this.#grow();
    this.#places[(this.#first + this.#size) & (this.#places.length - 1)] = member;
    this.#size += 1;
  }

  /** Null: it is empty. */
  shift(): T | null {
    if (this.#size === 0) return null;
    const member = this.#places[this.#first] as T;
    this.#places[this.#first] = null;
    this.#first = (this.#first + 1) & (this.#places.length - 1);
    this.#size -= 1;
    return member;
  }

  #grow(): void {
    const from = this.#places;
    this.#places = Array.from({ length: from.length * 2 }, (_, at) =>
      at < from.length ? (from[(this.#first + at) & (from.length - 1)] as T) : null,
    );
    this.#first = 0;
  }
}
