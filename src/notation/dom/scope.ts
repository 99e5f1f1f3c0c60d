/** Prefixes that are declared around a place, the nearest first. Copied for nobody: documents can declare thousands. */
export class Scope {
  readonly #own: ReadonlyMap<string, string>;
  readonly #outer: Scope | null;

  constructor(own: ReadonlyMap<string, string>, outer: Scope | null) {
    this.#own = own;
    this.#outer = outer;
  }

  get(prefix: string): string | undefined {
    const own = this.#own.get(prefix);
    if (own !== undefined) return own;
    for (let scope = this.#outer; scope !== null; scope = scope.#outer) {
      const uri = scope.#own.get(prefix);
      if (uri !== undefined) return uri;
    }
    return undefined;
  }
}
