/** A response that waits for the end of this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

/**
 * Sends, at the end of each turn of the loop, what its events have made ready: heads together with the first piece of
 * body, and short responses whole. One immediate for all of them.
 *
 * The writes of a turn come back to back: a peer on this machine is woken once for many of them, where a write in the
 * middle of the work wakes it, lets it fall asleep, and the next one wakes it again.
 */
export class Flusher {
  #waiting: Flushable[] = [];
  #spare: Flushable[] = [];

  later(response: Flushable): void {
    if (this.#waiting.push(response) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = this.#spare;
    this.#spare = waiting;
    for (const response of waiting) response.flush();
    // Filled and emptied in place: a store that is thrown away would keep its last responses alive (see DenseSet).
    waiting.fill(none);
    waiting.length = 0;
  }
}

const none: Flushable = { flush: () => {} };
