/** What every read-only dictionary can do: headers, claims, variables, JObject, Dictionary<K, V>. */
export interface DictionaryLike extends Iterable<unknown> {
  readonly count: number;
  has(key: unknown): boolean;
  /** undefined: not there. */
  find(key: unknown): unknown;
  keys(): Iterable<unknown>;
  values(): Iterable<unknown>;
}

/** One that can be changed. */
export interface MutableDictionary extends DictionaryLike {
  put(key: unknown, value: unknown): void;
  /** @throws NetException for a key that is there */
  add(key: unknown, value: unknown): void;
  delete(key: unknown): boolean;
  clear(): void;
}
