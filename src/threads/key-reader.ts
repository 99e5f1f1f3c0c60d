import { Buffer } from "node:buffer";
import type { KeyLookup, KeyMatch, OwnerFacts } from "#model/ports.ts";
import type { SharedKeyIndex } from "./key-index.ts";
import { KeyTable, STATE_MASK } from "./key-table.ts";
import { detailsOf, nameOf, oldKeyOf } from "./subscription-facts.ts";
import { NamesReader } from "./names.ts";
import { TwoGenerations } from "#lib/two-generations.ts";

/** No key that we issue or import is longer; hashing a megabyte of header would be the client's work done by us. */
const MAX_KEY_LENGTH = 512;

/** Answers kept ready, so that a key in use costs no string and no object. */
const MEMO = 4096;

/** Scopes are few; if ever they are not, the memo of them starts anew. */
const MAX_SCOPES = 1024;

/** By the number in a row's meta; 0 is a removed key's. */
const states: readonly KeyMatch["state"][] = ["inactive", "active", "suspended", "inactive"];

/** The index as one worker reads it. */
export class KeyIndexReader {
  readonly #bytes: Uint8Array;
  readonly #digest: Int32Array = new Int32Array(8);
  #table: KeyTable;
  #names: NamesReader;
  #matches: (KeyMatch | undefined)[] = [];
  readonly #subscriptions: Int32Array = new Int32Array(MEMO);
  readonly #metas: Int32Array = new Int32Array(MEMO);
  readonly #scopes: Map<number, string | undefined> = new Map();
  /** Minutes since the epoch, for the last use of keys; 0: nobody wants to know it. */
  minute: number = 0;

  readonly #findUser: (id: string) => OwnerFacts | null;

  constructor(shared: SharedKeyIndex, findUser: (id: string) => OwnerFacts | null = () => null) {
    this.#findUser = findUser;
    this.#bytes = new Uint8Array(this.#digest.buffer);
    this.#table = new KeyTable(shared.table);
    this.#names = new NamesReader(shared.names);
  }

  /** Main has posted a larger table. */
  swap(shared: SharedKeyIndex): void {
    this.#table = new KeyTable(shared.table);
    this.#names = new NamesReader(shared.names);
    this.#matches = [];
    this.#scopes.clear();
  }

  /** By the key's keyed digest (32 bytes). */
  find(digest: Uint8Array): KeyMatch | undefined {
    if (digest.length !== 32) return undefined;
    this.#bytes.set(digest);
    const row = this.#table.find(this.#digest);
    if (row < 0) return undefined;
    if (this.minute > 0) this.#table.touch(row, this.minute);
    return this.#matchOf(this.#table.subscription, this.#table.meta);
  }

  /** Direct-mapped: bounded, and an entry holds only if both numbers agree. */
  #matchOf(subscription: number, meta: number): KeyMatch | undefined {
    const at = (subscription * 2 + (meta >> 2)) & (MEMO - 1);
    const known = this.#matches[at];
    if (known !== undefined && this.#subscriptions[at] === subscription && this.#metas[at] === meta) return known;
    const match = this.#decode(subscription, meta);
    this.#matches[at] = match;
    this.#subscriptions[at] = subscription;
    this.#metas[at] = meta;
    return match;
  }

  #decode(subscription: number, meta: number): KeyMatch | undefined {
    const text = this.#names.read(subscription);
    const scope = this.#scopeOf(meta >>> 3);
    if (text === undefined || scope === undefined) return undefined;
    const state = states[meta & STATE_MASK] ?? "inactive";
    const slot = (meta & 4) === 0 ? "primary" : "secondary";
    const details = detailsOf(text, this.#findUser);
    const oldKey = oldKeyOf(text);
    const match = {
      subscription: nameOf(text),
      scope,
      state,
      slot,
      ...(oldKey === undefined ? {} : { oldKey }),
    } as const;
    return Object.freeze(details === undefined ? match : { ...match, details });
  }

  #scopeOf(number: number): string | undefined {
    const known = this.#scopes.get(number);
    if (known !== undefined) return known;
    const scope = this.#names.read(number);
    if (this.#scopes.size >= MAX_SCOPES) this.#scopes.clear();
    this.#scopes.set(number, scope);
    return scope;
  }
}

/** Digests of keys that the index knew, by the whole key, so that no two share one: 5,000 of the usual length. */
const MAX_DIGESTS = 16_384;
const MAX_DIGEST_BYTES = 2 * 1024 * 1024;
const BYTES_BESIDE_TEXT = 300;

/**
 * `digest` is keyed with the node's secret, so the table tells nothing about the keys. Its two hashes were 5 % of a
 * request with a key that comes again, and are kept; the table is asked each time, so a key that is withdrawn is refused
 * at once. Keys that are none are not kept: a stranger's guesses put nobody's out.
 */
export function createKeyLookup(reader: KeyIndexReader, digest: (key: string) => Uint8Array): KeyLookup {
  const digests = new TwoGenerations<Uint8Array>(MAX_DIGESTS, MAX_DIGEST_BYTES);
  return {
    find: (key) => {
      if (key.length === 0 || key.length > MAX_KEY_LENGTH) return undefined;
      const known = digests.get(key);
      const made = known ?? digest(key);
      const match = reader.find(made);
      if (match === undefined) digests.delete(key);
      else if (known === undefined) digests.set(ownText(key), made, BYTES_BESIDE_TEXT + 2 * key.length);
      return match;
    },
  };
}

/** A slice of a header would keep the whole text alive that it was cut from. */
function ownText(text: string): string {
  return Buffer.from(text).toString();
}
