/** A secret's value, kept from logs, errors and JSON: every way of printing shows where it came from instead (a private field is not inspected). */
export class Secret {
  /** Where it was read from: `env CORP_SECRET`, `file keys/demo`. */
  readonly origin: string;
  readonly #value: string;

  constructor(origin: string, value: string) {
    this.origin = origin;
    this.#value = value;
  }

  /** The one way to the value. Call it where it is used, and hold no copy. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[secret from ${this.origin}]`;
  }

  toJSON(): string {
    return this.toString();
  }
}
