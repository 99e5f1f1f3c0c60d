/** One word per consumer: 1 while it sleeps. Plain and cloneable. */
export interface SharedDoorbell {
  readonly word: SharedArrayBuffer;
}

const AWAKE = 0;
const ASLEEP = 1;

export function createDoorbell(): SharedDoorbell {
  return { word: new SharedArrayBuffer(4) };
}

/**
 * Lets one consumer sleep until any of its producers has something, without polling, and without a system call per
 * item while it is awake. A producer publishes, *then* looks whether the consumer sleeps; the consumer announces its
 * sleep, *then* looks once more for work: one of the two sees the other.
 */
export class Doorbell {
  readonly #word: Int32Array;
  #isToRing = false;

  constructor(shared: SharedDoorbell) {
    this.#word = new Int32Array(shared.word);
  }

  /** Producer: after publishing. */
  ring(): void {
    if (Atomics.load(this.#word, 0) !== ASLEEP) return;
    if (Atomics.compareExchange(this.#word, 0, ASLEEP, AWAKE) === ASLEEP) Atomics.notify(this.#word, 0);
  }

  /**
   * Producer: after publishing, where more is likely to come in this turn of the event loop. The consumer is woken once,
   * at its end, and finds all of it.
   */
  ringSoon(): void {
    if (this.#isToRing || Atomics.load(this.#word, 0) !== ASLEEP) return;
    this.#isToRing = true;
    setImmediate(this.#ringNow);
  }

  readonly #ringNow = (): void => {
    this.#isToRing = false;
    this.ring();
  };

  /**
   * Consumer: resolves at the next {@link ring}, at once if `hasWork` says so. Does not keep the thread alive by
   * itself. One sleeper at a time.
   */
  async sleep(hasWork: () => boolean, timeoutMs: number = Infinity): Promise<void> {
    Atomics.store(this.#word, 0, ASLEEP);
    if (hasWork()) Atomics.store(this.#word, 0, AWAKE);
    else await Atomics.waitAsync(this.#word, 0, ASLEEP, timeoutMs).value;
  }
}
