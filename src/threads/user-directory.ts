import { hash } from "node:crypto";
import type { KeyMatch, OwnerFacts, UserLookup } from "#model/ports.ts";
import { createKeyIndex, type KeyIndex, type SharedKeyIndex } from "./key-index.ts";
import { KeyIndexReader } from "./key-reader.ts";

const rest = { scope: "all", state: "active", slot: "primary" } as const;

/**
 * Users in shared memory, by id and by who they are to a provider: the table of the keys once more, whose names are what is known of each. A text that
 * was replaced stays until the process ends, which bounds changes to some hundred thousand: operators make them, not
 * clients.
 */
export class UserDirectory {
  readonly #index: KeyIndex;
  /** By user: what {@link put} has to take away again. */
  readonly #identities: Map<string, readonly string[]> = new Map();
  /** By identity: whose it is. */
  readonly #holders: Map<string, string> = new Map();

  constructor(onSwap: (handle: SharedKeyIndex) => void) {
    this.#index = createKeyIndex({ capacity: 64, onSwap });
  }

  get handle(): SharedKeyIndex {
    return this.#index.handle;
  }

  /** @throws GatewayError `store-unavailable` when there is no more room */
  put(user: OwnerFacts): void {
    const entry = { subscription: JSON.stringify(user), ...rest };
    const identities = user.identities.map(({ provider, id }) => identityText(provider, id));
    this.#forget(user.id, identities);
    for (const identity of identities) {
      this.#holders.set(identity, user.id);
      this.#index.set(digestOf(identity), entry);
    }
    if (identities.length > 0) this.#identities.set(user.id, identities);
    this.#index.set(digestOf(user.id), entry);
  }

  remove(id: string): void {
    this.#forget(id, []);
    this.#index.remove(digestOf(id));
  }

  /** Identities that the user no longer has. One that went to somebody else before this was heard of stays there. */
  #forget(id: string, kept: readonly string[]): void {
    for (const identity of this.#identities.get(id) ?? []) {
      if (kept.includes(identity) || this.#holders.get(identity) !== id) continue;
      this.#holders.delete(identity);
      this.#index.remove(digestOf(identity));
    }
    this.#identities.delete(id);
  }

  releaseOld(): void {
    this.#index.releaseOld();
  }
}

/** The directory as one worker reads it. */
export class UserReader implements UserLookup {
  readonly #reader: KeyIndexReader;
  /** By the table's own answer, which is another one as soon as anything about the user is. */
  readonly #parsed: WeakMap<KeyMatch, OwnerFacts> = new WeakMap();

  constructor(shared: SharedKeyIndex) {
    this.#reader = new KeyIndexReader(shared);
  }

  swap(shared: SharedKeyIndex): void {
    this.#reader.swap(shared);
  }

  find(id: string): OwnerFacts | null {
    return this.#read(digestOf(id));
  }

  identityKey(provider: string, subject: string): Uint8Array {
    return digestOf(identityText(provider, subject));
  }

  findIdentity(key: Uint8Array): OwnerFacts | null {
    return this.#read(key);
  }

  /** Parsed once for each change, as long as the reader has the match ready. */
  #read(key: Uint8Array): OwnerFacts | null {
    const found = this.#reader.find(key);
    if (found === undefined) return null;
    let facts = this.#parsed.get(found);
    if (facts === undefined) this.#parsed.set(found, (facts = JSON.parse(found.subscription) as OwnerFacts));
    return facts;
  }
}

/** No id of a user looks so. */
function identityText(provider: string, subject: string): string {
  return JSON.stringify([provider, subject]);
}

function digestOf(id: string): Uint8Array {
  return hash("sha256", id, "buffer");
}
