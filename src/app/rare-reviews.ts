/** Well below the second in which what is not allowed any more must end. */
const everyMs = 250;

/** Asks for a review of what is open, and not again for each of many changes: a review begins anew whenever it is asked for. */
export class RareReviews {
  readonly #review: () => void;
  #isAsked = false;

  constructor(review: () => void) {
    this.#review = review;
  }

  ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    setTimeout(() => {
      this.#isAsked = false;
      this.#review();
    }, everyMs).unref();
  }
}
