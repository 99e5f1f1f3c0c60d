/** Something that requests do over and over, by itself. */
export interface Subject {
  /** What `--only` names, together with others of its kind. */
  readonly group: string;
  readonly name: string;
  /** @returns does it once; gets the number of the time, from 0 */
  prepare(): Prepared;
}

export interface Prepared {
  run(at: number): void;
  /** Said behind its figures. */
  readonly note?: string;
}
