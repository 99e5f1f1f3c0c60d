/** Active checks: down after `fails` failed ones in a row, up again after `passes` good ones. */
export class ProbeCount {
  readonly #passes: number;
  readonly #fails: number;
  #row = 0;
  isDown = false;

  constructor({ passes, fails }: { readonly passes: number; readonly fails: number }) {
    this.#passes = passes;
    this.#fails = fails;
  }

  /** @returns whether this turned it */
  probed(passed: boolean): boolean {
    if (passed !== this.isDown) {
      this.#row = 0;
      return false;
    }
    this.#row += 1;
    if (this.#row < (passed ? this.#passes : this.#fails)) return false;
    this.#row = 0;
    this.isDown = !passed;
    return true;
  }
}
