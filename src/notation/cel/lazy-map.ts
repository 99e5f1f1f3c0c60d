/**
 * A CEL map that costs nothing until somebody looks, and one look-up when one key is asked for. The library takes
 * an object for a map by its `constructor`, so instances claim to be a `Map`; they are one, filled on first need.
 */
export abstract class LazyMap extends Map<string, string> {
  #filled = false;

  /** Value of one key, without filling the map. */
  protected abstract find(key: string): string | undefined;
  /** Calls `add` for each entry; the first of a name counts. */
  protected abstract fill(add: (key: string, value: string) => void): void;

  override get(key: string): string | undefined {
    return this.#filled ? super.get(key) : this.find(key);
  }

  override has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  override get size(): number {
    this.#ensureFilled();
    return super.size;
  }

  override keys(): MapIterator<string> {
    this.#ensureFilled();
    return super.keys();
  }

  override values(): MapIterator<string> {
    this.#ensureFilled();
    return super.values();
  }

  override entries(): MapIterator<[string, string]> {
    this.#ensureFilled();
    return super.entries();
  }

  override [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }

  override forEach(visit: (value: string, key: string, map: Map<string, string>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }

  #ensureFilled(): void {
    if (this.#filled) return;
    this.#filled = true;
    this.fill((key, value) => {
      if (!super.has(key)) super.set(key, value);
    });
  }
}

Object.defineProperty(LazyMap.prototype, "constructor", { value: Map });

/** To be called once a subclass, whose own `constructor` would otherwise hide that it is a map. */
export function markAsMap(subclass: { readonly prototype: LazyMap }): void {
  Object.defineProperty(subclass.prototype, "constructor", { value: Map });
}
