import { GatewayError } from "#model/errors.ts";
import type { KeyMatch } from "#model/ports.ts";
import { createKeyTable, DIGEST_WORDS, KeyTable, type SharedKeyTable } from "./key-table.ts";
import { type SubscriptionFacts, writeFacts } from "./subscription-facts.ts";
import { NamesWriter, type NamesOptions, type SharedNames } from "./names.ts";

/** Plain and cloneable; post it to workers, and again whenever it is replaced. */
export interface SharedKeyIndex {
  readonly table: SharedKeyTable;
  readonly names: SharedNames;
}

/** What a key opens, and what else is known of its subscription. */
export interface KeyEntry extends Omit<KeyMatch, "details" | "oldKey"> {
  readonly facts?: SubscriptionFacts;
}

export interface KeyIndexOptions {
  /** Keys to make room for at first. Default 1024. */
  readonly capacity?: number;
  readonly names?: NamesOptions;
  /** A larger table has taken over: post it to all workers, then call {@link KeyIndex.releaseOld}. */
  readonly onSwap?: (handle: SharedKeyIndex) => void;
}

/** A new table is begun at this share of the rows, and is ready before the old one is full. */
const GROW_AT = 7 / 8;
/** Rows that each change carries over: more than enough for that, and far below a millisecond. */
const STEP = 16;
/** Rows that are looked at for their last use at a stretch: a tenth of a millisecond. */
const USES_STEP = 4096;

/** When a key was last used. */
export interface KeyUse {
  /** The first 28 of the 32 bytes. */
  readonly digest: Uint8Array;
  /** Since the epoch. */
  readonly minute: number;
}

/** A table with what only its writer knows. */
interface Generation {
  readonly shared: SharedKeyTable;
  readonly table: KeyTable;
  /** Rows given out so far, removed ones included. */
  rows: number;
  /** Slots that are not empty, tombstones included. */
  used: number;
  readonly free: number[];
}

export function createKeyIndex(options: KeyIndexOptions = {}): KeyIndex {
  return new KeyIndex(options);
}

/**
 * All subscription keys, by keyed digest (32 bytes, of which 28 are kept). One writer: main. A change is one row, seen
 * by every worker at its next look-up. Growth carries a few rows over with each change, so no change takes long; until
 * {@link releaseOld}, changes and removals also reach the table that workers may still be reading, so a revoked key is
 * refused at once everywhere.
 */
export class KeyIndex {
  readonly #names: NamesWriter;
  readonly #onSwap: (handle: SharedKeyIndex) => void;
  readonly #digest: Int32Array = new Int32Array(8);
  readonly #moved: Int32Array = new Int32Array(DIGEST_WORDS);
  #current: Generation;
  #next: Generation | undefined;
  #old: Generation[] = [];
  /** Nobody reads them any more; what was used through them is still to be told. */
  #retired: Generation[] = [];
  #cursor: number = 0;
  #size: number = 0;

  constructor(options: KeyIndexOptions) {
    this.#names = new NamesWriter(options.names);
    this.#onSwap = options.onSwap ?? ((): void => {});
    this.#current = generation(Math.max(64, Math.ceil((options.capacity ?? 1024) / GROW_AT) + 1));
  }

  get handle(): SharedKeyIndex {
    return { table: this.#current.shared, names: this.#names.handle };
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a key, or changes what it opens. @throws GatewayError `store-unavailable` when the names are full. */
  set(digest: Uint8Array, match: KeyEntry): void {
    this.#load(digest);
    const subscription = this.#names.intern(writeFacts(match.subscription, match.facts));
    const meta = metaOf(this.#names.intern(match.scope), match);
    const present = this.#current.table.find(this.#digest) >= 0;
    if (!present) this.#size++;
    for (const old of this.#old) change(old, this.#digest, subscription, meta);
    put(this.#current, this.#digest, subscription, meta);
    if (this.#next !== undefined) put(this.#next, this.#digest, subscription, meta);
    this.#maintain();
  }

  /** False if there is no such key. */
  remove(digest: Uint8Array): boolean {
    this.#load(digest);
    const removed = drop(this.#current, this.#digest);
    if (removed) this.#size--;
    if (this.#next !== undefined) drop(this.#next, this.#digest);
    for (const old of this.#old) drop(old, this.#digest);
    return removed;
  }

  /** All workers have swapped: the old tables are no longer kept up to date, and their memory is free. */
  releaseOld(): void {
    this.#retired.push(...this.#old);
    this.#old = [];
  }

  /** Keys that were used in that minute or later, some at a time. One that has gone meanwhile may be among them. */
  *uses(since: number): Generator<readonly KeyUse[], void, undefined> {
    const retired = this.#retired;
    this.#retired = [];
    for (const { table } of [...retired, ...this.#old, this.#current]) {
      for (let from = 0; from < table.rowCount; from += USES_STEP) yield usesOf(table, from, since);
    }
  }

  #load(digest: Uint8Array): void {
    if (digest.length !== 32) throw new GatewayError("internal", 500, "a key digest has 32 bytes");
    new Uint8Array(this.#digest.buffer).set(digest);
  }

  #maintain(): void {
    const { table, used, rows } = this.#current;
    if (this.#next === undefined && Math.max(used / 2, rows) >= table.rowCount * GROW_AT) {
      this.#next = generation(Math.max(1024, this.#size * 2));
      this.#cursor = 0;
    }
    if (this.#next !== undefined) this.#carryOver(this.#next);
  }

  #carryOver(next: Generation): void {
    const end = Math.min(this.#cursor + STEP, this.#current.rows);
    for (; this.#cursor < end; this.#cursor++) {
      const { table } = this.#current;
      const live = table.read(this.#cursor, this.#moved);
      if (live && next.table.find(this.#moved) < 0) put(next, this.#moved, table.subscription, table.meta);
    }
    if (this.#cursor >= this.#current.rows) this.#swap(next);
  }

  #swap(next: Generation): void {
    this.#old.push(this.#current);
    this.#current = next;
    this.#next = undefined;
    this.#onSwap(this.handle);
  }
}

function generation(rows: number): Generation {
  const shared = createKeyTable(rows);
  return { shared, table: new KeyTable(shared), rows: 0, used: 0, free: [] };
}

function usesOf(table: KeyTable, from: number, since: number): readonly KeyUse[] {
  const uses: KeyUse[] = [];
  const words = new Int32Array(DIGEST_WORDS);
  for (let row = from; row < Math.min(from + USES_STEP, table.rowCount); row++) {
    const minute = table.usedAt(row);
    if (minute < since || minute === 0 || !table.read(row, words)) continue;
    uses.push({ digest: new Uint8Array(words.slice().buffer), minute });
  }
  return uses;
}

function put(into: Generation, digest: Int32Array, subscription: number, meta: number): void {
  if (change(into, digest, subscription, meta)) return;
  const row = into.free.pop() ?? into.rows++;
  into.table.touch(row, 0);
  into.table.write(row, digest, subscription, meta);
  if (into.table.link(row, digest)) into.used++;
}

function change(into: Generation, digest: Int32Array, subscription: number, meta: number): boolean {
  const row = into.table.find(digest);
  if (row >= 0) into.table.write(row, digest, subscription, meta);
  return row >= 0;
}

function drop(from: Generation, digest: Int32Array): boolean {
  const row = from.table.find(digest);
  if (row < 0) return false;
  from.table.unlinkFound(row);
  from.free.push(row);
  return true;
}

const stateNumbers: Readonly<Record<KeyMatch["state"], number>> = { active: 1, suspended: 2, inactive: 3 };

function metaOf(scope: number, match: KeyEntry): number {
  return (scope << 3) | (match.slot === "secondary" ? 4 : 0) | stateNumbers[match.state];
}
