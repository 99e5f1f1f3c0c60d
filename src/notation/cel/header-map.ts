import type { HeaderList } from "#model/header-list.ts";
import { LazyMap, markAsMap } from "./lazy-map.ts";

/**
 * Header fields as CEL sees them: lower-case name → values joined by `, `. A key is looked up in lower case, so
 * that what a rule finds never depends on how the client spelt the name.
 */
export class HeaderMap extends LazyMap {
  readonly #headers: HeaderList;

  constructor(headers: HeaderList) {
    super();
    this.#headers = headers;
  }

  protected override find(key: string): string | undefined {
    return this.#headers.joined(key.toLowerCase());
  }

  protected override fill(add: (key: string, value: string) => void): void {
    const { raw } = this.#headers;
    for (let at = 0; at < raw.length; at += 2) {
      const name = (raw[at] as string).toLowerCase();
      add(name, this.#headers.joined(name) as string);
    }
  }
}

markAsMap(HeaderMap);
