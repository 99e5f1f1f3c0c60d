import { none, other } from "./dimensions.ts";

/** Number of {@link none}. */
export const noneNumber = 0;
/** Number of {@link other}. */
export const otherNumber = 1;

/** Values of one dimension by number, at most so many: a client that brings ever new ones gets no memory for them. */
export class Names {
  readonly #most: number;
  readonly #numbers = new Map<string, number>([
    [none, noneNumber],
    [other, otherNumber],
  ]);
  readonly #texts: string[] = [none, other];
  /** Requests whose value found no number of its own. */
  beyond = 0;

  /** @param most besides the two that are always there */
  constructor(most: number) {
    this.#most = most + 2;
  }

  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= this.#most) {
      this.beyond += 1;
      return otherNumber;
    }
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  textOf(number: number): string {
    return this.#texts[number] ?? other;
  }

  get isHalfFull(): boolean {
    return this.#texts.length * 2 > this.#most;
  }
}
