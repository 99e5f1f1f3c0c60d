/** A response whose head waits for the first piece of body, so that both go out in one write. */
export interface Flushable {
  flushHead(): void;
}

/**
 * Sends heads whose body did not begin within this turn of the loop (event streams begin much later). One immediate
 * for all of them.
 */
export class Flusher {
  #waiting: Flushable[] = [];

  later(head: Flushable): void {
    if (this.#waiting.push(head) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const head of waiting) head.flushHead();
  }
}
