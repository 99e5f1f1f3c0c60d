/** Beyond it, all answers to questions under way are taken for old ones. */
const maxHandles = 20_000;

interface Answer<Facts> {
  readonly facts: Facts | null;
  /** It may be from before a change of that very session. */
  readonly isOld: boolean;
}

/** Which sessions have changed while main was being asked. Nothing is kept while nothing is asked. */
export class SessionChanges {
  readonly #changedAt = new Map<string, number>();
  #now = 0;
  /** What was asked before this has an old answer, whichever session it is of. */
  #floor = 0;
  #underway = 0;

  /** Asks, and says whether the session that the answer is of has changed since. */
  async during<Facts extends { readonly handle: string }>(ask: () => Promise<Facts | null>): Promise<Answer<Facts>> {
    const since = this.#now;
    this.#underway += 1;
    try {
      const facts = await ask();
      return { facts, isOld: this.#isOld(facts?.handle, since) };
    } finally {
      this.#underway -= 1;
      if (this.#underway === 0) this.#changedAt.clear();
    }
  }

  add(handles: readonly string[]): void {
    if (this.#underway === 0) return;
    if (this.#changedAt.size + handles.length > maxHandles) return this.addAll();
    this.#now += 1;
    for (const handle of handles) this.#changedAt.set(handle, this.#now);
  }

  /** Whatever is asked now must be asked again. */
  addAll(): void {
    this.#now += 1;
    this.#floor = this.#now;
    this.#changedAt.clear();
  }

  /** A session that is over stays over, so that there is no handle does not make an answer an old one. */
  #isOld(handle: string | undefined, since: number): boolean {
    if (since < this.#floor) return true;
    return handle !== undefined && (this.#changedAt.get(handle) ?? 0) > since;
  }
}
