import type { Cache, CacheEntry } from "#model/cache.ts";
import type { Clock } from "#model/ports.ts";
import { valueKey } from "#policy/http-cache/keys.ts";
import { encodeValue } from "#policy/value-codec.ts";
import type { Scalar } from "./context.ts";

/** A cache of one run. */
export class MemoryCache implements Cache {
  readonly maxEntryBytes: number = 1_048_576;
  readonly #entries = new Map<string, CacheEntry>();
  readonly #clock: Clock;

  constructor(clock: Clock, values: Readonly<Record<string, Scalar>>) {
    this.#clock = clock;
    for (const [key, value] of Object.entries(values)) {
      const meta = encodeValue(value);
      this.#entries.set(valueKey(key), { meta, body: new Uint8Array(0), expiresAt: Infinity });
    }
  }

  get(key: string): CacheEntry | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAt > this.#clock.now() ? entry : undefined;
  }

  async put(key: string, entry: CacheEntry): Promise<void> {
    if (entry.body.byteLength <= this.maxEntryBytes) this.#entries.set(key, entry);
  }

  async remove(key: string): Promise<void> {
    this.#entries.delete(key);
  }
}
