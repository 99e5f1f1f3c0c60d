import type { SourcePosition } from "#model/diagnostic.ts";

/** The text of one file, and which line a character stands on. */
export class SourceText {
  readonly name: string;
  readonly text: string;
  readonly #lines: readonly number[];

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
    this.#lines = lineStarts(text);
  }

  /** @param offset UTF-16 units from the start */
  at(offset: number): SourcePosition {
    const line = this.#lineOf(Math.min(Math.max(offset, 0), this.text.length));
    return { file: this.name, line: line + 1, column: offset - (this.#lines[line] ?? 0) + 1 };
  }

  #lineOf(offset: number): number {
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lines[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
