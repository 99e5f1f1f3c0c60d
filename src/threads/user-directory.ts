import { hash } from "node:crypto";
import type { OwnerFacts } from "#model/ports.ts";
import { createKeyIndex, type KeyIndex, type SharedKeyIndex } from "./key-index.ts";
import { KeyIndexReader } from "./key-reader.ts";

const rest = { scope: "all", state: "active", slot: "primary" } as const;

/**
 * Users in shared memory, by id: the table of the keys once more, whose names are what is known of each. A text that
 * was replaced stays until the process ends, which bounds changes to some hundred thousand: operators make them, not
 * clients.
 */
export class UserDirectory {
  readonly #index: KeyIndex;

  constructor(onSwap: (handle: SharedKeyIndex) => void) {
    this.#index = createKeyIndex({ capacity: 64, onSwap });
  }

  get handle(): SharedKeyIndex {
    return this.#index.handle;
  }

  /** @throws GatewayError `store-unavailable` when there is no more room */
  put(user: OwnerFacts): void {
    this.#index.set(digestOf(user.id), { subscription: JSON.stringify(user), ...rest });
  }

  remove(id: string): void {
    this.#index.remove(digestOf(id));
  }

  releaseOld(): void {
    this.#index.releaseOld();
  }
}

/** The directory as one worker reads it. */
export class UserReader {
  readonly #reader: KeyIndexReader;

  constructor(shared: SharedKeyIndex) {
    this.#reader = new KeyIndexReader(shared);
  }

  swap(shared: SharedKeyIndex): void {
    this.#reader.swap(shared);
  }

  find(id: string): OwnerFacts | null {
    const found = this.#reader.find(digestOf(id));
    return found === undefined ? null : (JSON.parse(found.subscription) as OwnerFacts);
  }
}

function digestOf(id: string): Uint8Array {
  return hash("sha256", id, "buffer");
}
