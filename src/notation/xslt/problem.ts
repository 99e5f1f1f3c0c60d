/** What is wrong with a stylesheet; `line` counts from 1 within it. */
export class StylesheetProblem extends Error {
  override readonly name = "StylesheetProblem";
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}
