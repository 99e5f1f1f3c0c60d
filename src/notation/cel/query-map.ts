import { LazyMap, markAsMap } from "./lazy-map.ts";

/** Query parameters as CEL sees them: decoded name → first value, decoded (`+` is a space). Parsed on first use. */
export class QueryMap extends LazyMap {
  readonly #query: string;

  constructor(query: string) {
    super();
    this.#query = query;
  }

  protected override find(key: string): string | undefined {
    return this.#query === "" ? undefined : (new URLSearchParams(this.#query).get(key) ?? undefined);
  }

  protected override fill(add: (key: string, value: string) => void): void {
    for (const [name, value] of new URLSearchParams(this.#query)) add(name, value);
  }
}

markAsMap(QueryMap);
