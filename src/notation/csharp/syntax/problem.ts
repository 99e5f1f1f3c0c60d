/** What is wrong with the text of an expression. Thrown while it is read and bound, caught at the room's door. */
export class CsharpProblem extends Error {
  override readonly name = "CsharpProblem";
  /** UTF-16 offset in the text that was given. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
