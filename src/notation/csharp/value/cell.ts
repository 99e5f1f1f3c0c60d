/** A variable that a lambda shares with the code around it. */
export class Cell {
  value: unknown;

  constructor(value: unknown) {
    this.value = value;
  }
}
