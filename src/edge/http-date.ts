/** The value of Date, which is the same for all responses of a second. @see RFC 9110 §6.6.1 */
export class HttpDate {
  readonly #now: () => number;
  #text = "";
  #from = Number.NaN;

  /** @param now milliseconds since the epoch */
  constructor(now: () => number) {
    this.#now = now;
  }

  text(): string {
    const now = this.#now();
    const age = now - this.#from;
    if (age >= 0 && age < 1000) return this.#text;
    this.#from = now - (now % 1000);
    this.#text = new Date(now).toUTCString();
    return this.#text;
  }
}
