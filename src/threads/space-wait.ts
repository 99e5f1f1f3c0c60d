import type { Doorbell } from "./doorbell.ts";

/** Waiting for room in a ring: one promise and one sleep, however many wait. */
export class SpaceWait {
  readonly #hasSpace: () => boolean;
  readonly #bell: Doorbell;
  #waiting: Promise<void> | undefined;

  constructor(hasSpace: () => boolean, bell: Doorbell) {
    this.#hasSpace = hasSpace;
    this.#bell = bell;
  }

  wait(): Promise<void> {
    if (this.#hasSpace()) return Promise.resolve();
    this.#waiting ??= this.#sleep().finally(() => (this.#waiting = undefined));
    return this.#waiting;
  }

  async #sleep(): Promise<void> {
    while (!this.#hasSpace()) await this.#bell.sleep(this.#hasSpace);
  }
}
