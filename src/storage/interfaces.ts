export type KeySlot = "primary" | "secondary";

export type SubscriptionState = "active" | "suspended";

/** `declared`: stands in the definition, which alone may change it. `created`: made by a use case. */
export type SubscriptionSource = "declared" | "created";

export interface SubscriptionRecord {
  readonly name: string;
  /** `product:starter`, `api:orders` or `all`. */
  readonly scope: string;
  readonly state: SubscriptionState;
  readonly source: SubscriptionSource;
  readonly hasSecondaryKey: boolean;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** Digests have 32 bytes. No store ever sees a key. */
export interface NewSubscription {
  readonly name: string;
  readonly scope: string;
  readonly state: SubscriptionState;
  readonly source: SubscriptionSource;
  readonly primaryDigest: Uint8Array;
  readonly secondaryDigest: Uint8Array | null;
  /** Milliseconds since the epoch; a fraction is cut off. */
  readonly createdAt: number;
}

/** One key of one subscription, as the key index wants it. */
export interface KeyRow {
  readonly digest: Uint8Array;
  readonly subscription: string;
  readonly scope: string;
  readonly state: SubscriptionState;
  readonly slot: KeySlot;
}

/** What a change means for the key index: remove first, then set. */
export interface KeyChanges {
  readonly removed: readonly Uint8Array[];
  readonly set: readonly KeyRow[];
}

/** `after`: the last name or digest of the page before, or null for the first page. `limit`: 1 to 10,000. */
export interface PageRequest<T> {
  readonly after: T | null;
  readonly limit: number;
}

/**
 * Subscriptions and the digests of their keys. Each method is one transaction. All throw GatewayError
 * `store-unavailable` when the store cannot be reached or written, `store-corrupt` when its content is damaged, and
 * `store-conflict` when a name or digest is taken. Null: there is no such subscription.
 */
export interface SubscriptionStore {
  /** Makes the declared subscriptions exactly these; those that are gone from the list go, created ones stay. */
  upsertDeclared(list: readonly NewSubscription[]): KeyChanges;
  create(subscription: NewSubscription): KeyChanges;
  get(name: string): SubscriptionRecord | null;
  /** By name. */
  list(page: PageRequest<string>): readonly SubscriptionRecord[];
  setState(name: string, state: SubscriptionState): KeyChanges | null;
  /** Sets the slot's key, whether it had one or not. */
  replaceKey(name: string, slot: KeySlot, digest: Uint8Array): KeyChanges | null;
  remove(name: string): KeyChanges | null;
  /** All keys, by digest. */
  keys(page: PageRequest<Uint8Array>): readonly KeyRow[];
}

export interface QuotaLease {
  /** All that was ever leased of this window, by anyone, this grant included. */
  readonly leased: number;
  /** What this call added to it: 0 to the amount asked for. */
  readonly granted: number;
}

/** Errors as in {@link SubscriptionStore}. */
export interface QuotaStore {
  /**
   * Leases up to `amount` of what `limit` leaves of a window; durable when it returns, so that a crash after it never
   * makes a used call usable again.
   * @param windowStart milliseconds since the epoch, fractions allowed
   * @param windowEnd when it is over; null: never
   */
  lease(counter: string, windowStart: number, amount: number, limit: number, windowEnd?: number | null): QuotaLease;
  /**
   * Forgets windows that are over: clients may choose the counters, so there can be many. One without end stays, as
   * forgetting it would renew it.
   * @param most at a time, so that no lease waits long
   * @returns how many windows went
   */
  prune(now: number, most: number): number;
}

/** A driver: synchronous, for the storage thread. */
export interface SyncStore {
  readonly subscriptions: SubscriptionStore;
  readonly quotas: QuotaStore;
  close(): void;
}

/** The same methods, seen from another thread. */
export type Async<T> = {
  readonly [Key in keyof T]: T[Key] extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Result>
    : never;
};

/** What the rest of the process works with. */
export interface Store {
  readonly subscriptions: Async<SubscriptionStore>;
  readonly quotas: Async<QuotaStore>;
  /** Lets what is waiting finish, then closes. Later calls reject with `store-unavailable`. */
  close(): Promise<void>;
}
