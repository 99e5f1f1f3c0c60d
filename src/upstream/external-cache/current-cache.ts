import type { ExternalCacheSettings } from "#model/external-cache.ts";
import { ExternalCache, type ExternalCacheOptions } from "./external-cache.ts";

type Means = Omit<ExternalCacheOptions, "settings" | "maxEntryBytes">;

/** The external cache of the definition in force. A reload that leaves it as it is leaves its connection, too. */
export class CurrentExternalCache {
  readonly #means: Means;
  #said = "";
  #cache: ExternalCache | null = null;

  constructor(means: Means) {
    this.#means = means;
  }

  get(): ExternalCache | null {
    return this.#cache;
  }

  use(settings: ExternalCacheSettings | null, maxEntryBytes: number): void {
    const said = JSON.stringify([settings, maxEntryBytes]);
    if (said === this.#said) return;
    this.#said = said;
    this.#cache?.close();
    this.#cache = settings === null ? null : new ExternalCache({ ...this.#means, settings, maxEntryBytes });
  }

  close(): void {
    this.use(null, 0);
  }
}
