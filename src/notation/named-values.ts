/** A value of the chosen environment. `text` is how it was written: what a longer string gets. */
export type NamedValue =
  | { readonly secret: false; readonly value: string | number | boolean; readonly text: string }
  | { readonly secret: true; readonly value: string; readonly origin: string };

/** The values of one environment, by name; remembers which ones were asked for. */
export class NamedValues {
  readonly #values: ReadonlyMap<string, NamedValue>;
  readonly #used = new Set<string>();

  constructor(values: ReadonlyMap<string, NamedValue>) {
    this.#values = values;
  }

  find(name: string): NamedValue | undefined {
    this.#used.add(name);
    return this.#values.get(name);
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  unused(): readonly string[] {
    return this.names().filter((name) => !this.#used.has(name));
  }
}
