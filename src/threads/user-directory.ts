import { hash } from "node:crypto";
import type { KeyMatch, OwnerFacts } from "#model/ports.ts";
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
  /** By the table's own answer, which is another one as soon as anything about the user is. */
  readonly #known = new WeakMap<KeyMatch, OwnerFacts>();

  constructor(shared: SharedKeyIndex) {
    this.#reader = new KeyIndexReader(shared);
  }

  swap(shared: SharedKeyIndex): void {
    this.#reader.swap(shared);
  }

  find(id: string): OwnerFacts | null {
    const found = this.#reader.find(digestOf(id));
    if (found === undefined) return null;
    let user = this.#known.get(found);
    if (user === undefined) this.#known.set(found, (user = JSON.parse(found.subscription) as OwnerFacts));
    return user;
  }
}

function digestOf(id: string): Uint8Array {
  return hash("sha256", id, "buffer");
}
