import { Places } from "./places.ts";

export interface WaitingPlacesBounds {
  /** Places in all, and for one key. */
  readonly most: number;
  readonly mostOfOne: number;
  /** Who may wait for one, in all, and of one key. */
  readonly mostWaiting: number;
  readonly mostWaitingOfOne: number;
  readonly patienceMs: number;
}

interface Waiting {
  readonly key: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (hasPlace: boolean) => void;
}

/**
 * {@link Places} that some may wait for, a short while and in the order in which they came: a burst of one key is worked
 * off rather than refused, and takes nothing from others.
 */
export class WaitingPlaces {
  readonly #bounds: WaitingPlacesBounds;
  readonly #places: Places;
  readonly #line = new Set<Waiting>();

  constructor(bounds: WaitingPlacesBounds) {
    this.#bounds = bounds;
    this.#places = new Places(bounds.most, bounds.mostOfOne);
  }

  /** @returns false: there is no place, or was none in time. Whoever gets true calls {@link leave} once. */
  enter(key: string): boolean | Promise<boolean> {
    if (this.#places.take(key)) return true;
    const { mostWaiting, mostWaitingOfOne, patienceMs } = this.#bounds;
    if (this.#line.size >= mostWaiting || this.#waitingOf(key) >= mostWaitingOfOne) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => {
      this.#line.delete(waiting);
      resolve(false);
    }, patienceMs);
    const waiting: Waiting = { key, timer, resolve };
    this.#line.add(waiting);
    return promise;
  }

  leave(key: string): void {
    this.#places.leave(key);
    for (const waiting of this.#line) {
      if (!this.#places.take(waiting.key)) continue;
      this.#line.delete(waiting);
      clearTimeout(waiting.timer);
      waiting.resolve(true);
      return;
    }
  }

  #waitingOf(key: string): number {
    let count = 0;
    for (const waiting of this.#line) if (waiting.key === key) count += 1;
    return count;
  }
}
