/** What a member lends the set: where it stands. -1 while it is in none. */
export interface Placed {
  place: number;
}

/**
 * A set for things that come and go with every request. Adding and deleting allocate nothing, and the one array never
 * shrinks.
 *
 * Why not a Set or an array: their backing stores live long enough to reach the old generation, are then thrown away
 * (a Set when it rehashes, an array when it becomes empty), and a dead store still holds its last members until the
 * next full collection. Each scavenge then has to move megabytes of finished exchanges. Measured on a proxied request:
 * scavenges of 12 ms with a Set, of 0.6 ms with this.
 */
export class DenseSet<T extends Placed> {
  readonly #members: (T | null)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(member: T): void {
    if (member.place >= 0) return;
    member.place = this.#size;
    this.#members[this.#size] = member;
    this.#size += 1;
  }

  delete(member: T): void {
    const at = member.place;
    if (at < 0 || this.#members[at] !== member) return;
    this.#size -= 1;
    const last = this.#members[this.#size] as T;
    this.#members[at] = last;
    last.place = at;
    this.#members[this.#size] = null;
    member.place = -1;
  }

  /** Newest first. Members may be deleted meanwhile; one that moves because of that may be visited twice. */
  visit(each: (member: T) => void): void {
    for (let at = this.#size - 1; at >= 0; at -= 1) {
      const member = this.#members[at];
      if (member !== null && member !== undefined) each(member);
    }
  }
}
