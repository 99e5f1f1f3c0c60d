import type { Clock, Log } from "#model/ports.ts";
import { type Declared, syncDeclarations } from "#products/declared.ts";
import { type KeyHasher, keyId } from "#products/keys.ts";
import { forEachKey } from "#storage/each-key.ts";
import type { KeyChanges, KeyRow, Store } from "#storage/interfaces.ts";
import { createKeyIndex, type KeyIndex, type SharedKeyIndex } from "#threads/key-index.ts";

export interface KeyPublisherOptions {
  readonly store: Store;
  readonly hasher: KeyHasher;
  readonly clock: Clock;
  readonly log: Log;
  /** Gives a larger table to all workers; resolves when they use it. */
  readonly publish: (handle: SharedKeyIndex) => Promise<void>;
}

/** Subscription keys from the store into the workers' shared index. Main is its only writer. */
export class KeyPublisher {
  readonly #options: KeyPublisherOptions;
  readonly #index: KeyIndex;

  constructor(options: KeyPublisherOptions) {
    this.#options = options;
    this.#index = createKeyIndex({ onSwap: (handle) => void this.#swapped(handle) });
  }

  get handle(): SharedKeyIndex {
    return this.#index.handle;
  }

  /** Reads all keys, page by page, so that a million of them never holds the thread for long. */
  load(): Promise<void> {
    return forEachKey(this.#options.store.subscriptions, (row) => this.#set(row));
  }

  /** Keys that were used in that minute since the epoch or later. */
  uses(since: number): ReturnType<KeyIndex["uses"]> {
    return this.#index.uses(since);
  }

  /** Makes the declared subscriptions those of the definition: in the store, then at once on every worker. */
  async declare(definition: Declared): Promise<void> {
    const { store, hasher, clock } = this.#options;
    this.follow(await syncDeclarations(store.subscriptions, hasher, clock, definition));
  }

  /** What the store has changed, in all workers at once. */
  follow({ removed, set }: KeyChanges): void {
    for (const digest of removed) this.#index.remove(digest);
    for (const row of set) this.#set(row);
  }

  #set({ digest, subscription, scope, slot, state, old, ...facts }: KeyRow): void {
    const shown = state === "active" || state === "suspended" ? state : "inactive";
    const id = old === null ? {} : { oldKey: keyId(digest) };
    this.#index.set(digest, { subscription, scope, slot, state: shown, facts: { ...facts, ...id } });
  }

  /** Until all workers have swapped, changes reach the old table as well. */
  async #swapped(handle: SharedKeyIndex): Promise<void> {
    try {
      await this.#options.publish(handle);
      this.#index.releaseOld();
    } catch (error) {
      this.#options.log.error("a worker did not take the new key index", { error: String(error) });
    }
  }
}
