/** What CEL says and C# cannot, with its place in the source. */
export class Untranslatable extends Error {
  /** In UTF-16 units from the beginning of the source. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
