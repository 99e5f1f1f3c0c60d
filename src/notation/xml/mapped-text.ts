/** A text made of pieces of another one, which knows where each character came from. */
export class MappedText {
  readonly text: string;
  /** Pairs: offset in the text, offset in the origin; what follows one runs along with it. */
  readonly #marks: readonly number[];

  constructor(text: string, marks: readonly number[]) {
    this.text = text;
    this.#marks = marks;
  }

  /** Where the character came from: its place in the origin. */
  originOf(offset: number): number {
    let found = 0;
    for (let at = 0; at < this.#marks.length && (this.#marks[at] ?? 0) <= offset; at += 2) found = at;
    return (this.#marks[found + 1] ?? 0) + Math.max(0, offset - (this.#marks[found] ?? 0));
  }
}

/** Puts one together, piece by piece. */
export class MappedTextBuilder {
  #text = "";
  readonly #marks: number[] = [];

  /** @param origin where the piece stands in the origin; what was replaced is all at the place it replaces */
  add(piece: string, origin: number): void {
    if (piece === "") return;
    this.#marks.push(this.#text.length, origin);
    this.#text += piece;
  }

  build(): MappedText {
    return new MappedText(this.#text, this.#marks);
  }
}
