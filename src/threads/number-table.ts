/** Numbers by hash: open addressing over pairs of words, load at most 0.5. Private to one thread. */
export class NumberTable {
  /** [hash, number + 1] each; 0 for an empty pair. */
  #pairs: Int32Array = new Int32Array(32);
  #count: number = 0;

  /** The number with this hash that `matches`, or −1. */
  find(hash: number, matches: (number: number) => boolean): number {
    for (let at = this.#first(hash); this.#pairs[at + 1] !== 0; at = this.#after(at)) {
      const number = this.#pairs[at + 1]! - 1;
      if (this.#pairs[at] === hash && matches(number)) return number;
    }
    return -1;
  }

  /** The number must not be there yet. */
  add(hash: number, number: number): void {
    this.#count++;
    if (this.#count * 4 > this.#pairs.length) this.#double();
    this.#put(hash, number + 1);
  }

  #double(): void {
    const old = this.#pairs;
    this.#pairs = new Int32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) if (old[at + 1] !== 0) this.#put(old[at]!, old[at + 1]!);
  }

  #put(hash: number, entry: number): void {
    let at = this.#first(hash);
    while (this.#pairs[at + 1] !== 0) at = this.#after(at);
    this.#pairs[at] = hash;
    this.#pairs[at + 1] = entry;
  }

  #first(hash: number): number {
    return (hash * 2) & (this.#pairs.length - 1);
  }

  #after(at: number): number {
    return (at + 2) & (this.#pairs.length - 1);
  }
}
