const firstSlots = 1024;

/** A set of terms: hashes, which need no other. It is emptied again and again, and keeps its room. */
export class TermSet {
  /** 0: free. At most half of them are taken. */
  #slots = new Uint32Array(firstSlots);
  #hasZero = false;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param term 0 to 2³² − 1 */
  add(term: number): void {
    if (term === 0) return this.#addZero();
    const slots = this.#slots;
    const mask = slots.length - 1;
    let at = term & mask;
    for (; slots[at] !== 0; at = (at + 1) & mask) if (slots[at] === term) return;
    slots[at] = term;
    this.#size += 1;
    if (this.#size * 2 > slots.length) this.#grow();
  }

  clear(): void {
    this.#slots.fill(0);
    this.#hasZero = false;
    this.#size = 0;
  }

  each(visit: (term: number) => void): void {
    if (this.#hasZero) visit(0);
    for (let at = 0; at < this.#slots.length; at += 1) {
      const term = this.#slots[at] as number;
      if (term !== 0) visit(term);
    }
  }

  #addZero(): void {
    if (!this.#hasZero) this.#size += 1;
    this.#hasZero = true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    this.#size = this.#hasZero ? 1 : 0;
    for (let at = 0; at < old.length; at += 1) if (old[at] !== 0) this.add(old[at] as number);
  }
}
