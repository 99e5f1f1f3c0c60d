/** Longest wait for more, so that a quiet gateway shows what it has too. */
const gatherMs = 500;

export interface BatchOptions<T> {
  /** Weight of one batch, at least one item. */
  readonly atOnce: number;
  /** Weight of what waits while the receiver is slow or away. */
  readonly mostWaiting: number;
  /** Default: each is 1. */
  readonly weightOf?: (item: T) => number;
  /** Never rejects. */
  readonly send: (batch: readonly T[]) => Promise<void>;
  readonly onDropped: (count: number) => void;
}

/** Things on their way to a receiver: in batches, one at a time, and no more of them than there is room for. */
export class Batches<T> {
  readonly #options: BatchOptions<T>;
  readonly #weightOf: (item: T) => number;
  #waiting: T[] = [];
  #weight = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;

  constructor(options: BatchOptions<T>) {
    this.#options = options;
    this.#weightOf = options.weightOf ?? (() => 1);
  }

  push(items: readonly T[]): void {
    let dropped = 0;
    for (const item of items) {
      const weight = this.#weightOf(item);
      if (this.#weight + weight > this.#options.mostWaiting) {
        dropped += 1;
        continue;
      }
      this.#waiting.push(item);
      this.#weight += weight;
    }
    if (dropped > 0) this.#options.onDropped(dropped);
    if (this.#weight >= this.#options.atOnce) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), gatherMs);
  }

  /** Sends what waits. */
  async close(): Promise<void> {
    while (this.#waiting.length > 0 || this.#sending !== null) {
      this.#send();
      await this.#sending;
    }
    clearTimeout(this.#timer);
  }

  #send(): void {
    if (this.#sending !== null || this.#waiting.length === 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#options.send(this.#next()).finally(() => {
      this.#sending = null;
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#send(), 0);
    });
  }

  #next(): readonly T[] {
    let count = 0;
    let weight = 0;
    for (const item of this.#waiting) {
      const more = this.#weightOf(item);
      if (count > 0 && weight + more > this.#options.atOnce) break;
      count += 1;
      weight += more;
    }
    this.#weight -= weight;
    return this.#waiting.splice(0, count);
  }
}
