import type { Clock } from "#model/ports.ts";

const slots = 10;

/** How often something happened within the last `windowMs`; forgets a tenth of it at a time. */
export class SlidingCount {
  readonly #clock: Clock;
  readonly #slotMs: number;
  readonly #counts: Int32Array = new Int32Array(slots);
  #slot: number;
  #total = 0;

  constructor(windowMs: number, clock: Clock) {
    this.#clock = clock;
    this.#slotMs = windowMs / slots;
    this.#slot = this.#slotNow();
  }

  add(): void {
    this.#forget();
    const at = this.#slot % slots;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#total += 1;
  }

  get total(): number {
    this.#forget();
    return this.#total;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  #forget(): void {
    const now = this.#slotNow();
    const passed = Math.min(now - this.#slot, slots);
    for (let step = 1; step <= passed; step += 1) {
      const at = (this.#slot + step) % slots;
      this.#total -= this.#counts[at] as number;
      this.#counts[at] = 0;
    }
    this.#slot = now;
  }

  #slotNow(): number {
    return Math.floor(this.#clock.mono() / this.#slotMs);
  }
}
