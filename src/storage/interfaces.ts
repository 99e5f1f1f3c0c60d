import type { Revocation, RevokedId } from "#model/identity-revocation.ts";
import type { AccessStore } from "./access-store.ts";
import type { KeyStore } from "./key-store.ts";
import type { OutboxStore } from "./outbox-store.ts";
import type { ScimStore } from "./scim-interfaces.ts";
import type { SessionStore } from "./sessions.ts";

export type KeySlot = "primary" | "secondary";

/**
 * `submitted` waits for approval; `rejected`, `cancelled` and `expired` are over, and only an expired one can be
 * extended. Keys are good in `active` alone.
 */
export type SubscriptionState = "submitted" | "active" | "rejected" | "suspended" | "cancelled" | "expired";

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
  readonly displayName: string | null;
  /** Id of the user that it belongs to; null: nobody. */
  readonly owner: string | null;
  /** Milliseconds since the epoch, when it first was active; null: never yet. */
  readonly startedAt: number | null;
  /** Milliseconds since the epoch, when it expires; null: never. */
  readonly endsAt: number | null;
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
  readonly displayName?: string | null;
  readonly owner?: string | null;
  readonly startedAt?: number | null;
  readonly endsAt?: number | null;
  /** So long keys that it has no more go on; of declared ones. Default 0: they end with the change. */
  readonly graceMs?: number;
}

/** A step of a subscription's life. */
export interface StateChange {
  readonly to: SubscriptionState;
  readonly from: readonly SubscriptionState[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A new end; absent: as before. */
  readonly endsAt?: number;
}

/** A key that has left its slot and goes on for a while. Times are milliseconds since the epoch. */
export interface OldKey {
  readonly since: number;
  readonly until: number;
}

/** One key of one subscription, as the key index wants it. */
export interface KeyRow {
  readonly digest: Uint8Array;
  readonly subscription: string;
  readonly scope: string;
  readonly state: SubscriptionState;
  readonly slot: KeySlot;
  /** Null: it is its slot's. */
  readonly old: OldKey | null;
  /** As in {@link SubscriptionRecord}. */
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endsAt: number | null;
  readonly owner: string | null;
  readonly displayName: string | null;
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
  /**
   * @param most subscriptions of the owner to this scope that are not over, this one included; more are a
   *   `store-conflict`. Counted in the same transaction, so that two at once cannot both be the last one.
   */
  create(subscription: NewSubscription, most?: number | null): KeyChanges;
  get(name: string): SubscriptionRecord | null;
  /** By name. */
  list(page: PageRequest<string>): readonly SubscriptionRecord[];
  /** Those that belong to a user, by name. */
  ofOwner(user: string, limit: number): readonly SubscriptionRecord[];
  /** @throws GatewayError `store-conflict` when it is in none of the states that this step leads from */
  setState(name: string, change: StateChange): KeyChanges | null;
  /** Ends what is to end by now. @param most at a time, so that nobody waits long */
  expire(now: number, most: number): KeyChanges;
  /** Milliseconds since the epoch, when the next one expires; null: none does. */
  nextEnd(): number | null;
  /**
   * Sets the slot's key, whether it had one or not; it and old ones of the slot end at once.
   * @param at milliseconds since the epoch
   */
  replaceKey(name: string, slot: KeySlot, digest: Uint8Array, at: number): KeyChanges | null;
  remove(name: string): KeyChanges | null;
  /** All keys, by digest. */
  keys(page: PageRequest<Uint8Array>): readonly KeyRow[];
  /** Keys that have been used; what is known to be later stays. */
  noteUses(uses: readonly KeyUsed[]): void;
  /** Keys of active subscriptions that were not used since `before`, as far as that is known, the longest so first. */
  unusedKeys(before: number, limit: number): readonly StaleKey[];
  /**
   * Keys of active subscriptions that are older than they are to become, the oldest first. Where a limit of a subscription
   * or scope says so, without those of created ones that have a younger key: they go by themselves.
   */
  agedKeys(limits: AgeLimits, limit: number): readonly StaleKey[];
}

export interface KeyUsed {
  /** Of the key's digest at least 28 bytes, from the first on. */
  readonly digest: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** When a key has to be made at the latest; milliseconds since the epoch. */
export interface AgeLimits {
  /** Where neither of the others says anything. */
  readonly usual: number;
  /** By name; before {@link scopes}. */
  readonly subscriptions: Readonly<Record<string, number>>;
  /** By scope, such as `product:starter`. */
  readonly scopes: Readonly<Record<string, number>>;
}

/** Times are milliseconds since the epoch. */
export interface StaleKey {
  readonly subscription: string;
  readonly slot: KeySlot;
  readonly scope: string;
  readonly source: SubscriptionSource;
  readonly owner: string | null;
  /** When it was made; of keys that are older than this was noted, when their subscription was. */
  readonly madeAt: number;
  /** Null: not since {@link watchedFrom}. */
  readonly usedAt: number | null;
  /** Since when its uses are noted. */
  readonly watchedFrom: number;
}

/** Keys of users that are not `active` are refused, whatever their subscriptions say. */
export type UserState = "active" | "blocked" | "pending";

/** Who somebody is to an identity provider. */
export interface UserIdentity {
  readonly provider: string;
  readonly id: string;
}

export interface UserRecord {
  readonly id: string;
  /** Unique, whatever its case. */
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly state: UserState;
  readonly note: string;
  readonly identities: readonly UserIdentity[];
  /** Names, in order. */
  readonly groups: readonly string[];
  /** Milliseconds since the epoch. */
  readonly registeredAt: number;
  /**
   * Who has blocked this user, where an operator alone has not: providers, by SCIM, and an empty name for an operator
   * besides them. Each takes back its own block alone.
   */
  readonly withdrawnBy?: readonly string[];
}

/** What a provider says of one of its users. */
export interface ProviderWord {
  readonly provider: string;
  readonly isActive: boolean;
}

/**
 * Whose word a write is about the state of a user who is there, decided with the write itself, so that no block is lost
 * that came after the writer has looked: an operator's (the state that is given), or a provider's.
 */
export type StateWord = "operator" | ProviderWord;

/** What a provider calls somebody. */
export type UserNames = Pick<UserRecord, "email" | "firstName" | "lastName">;

/** Groups that a user comes into, and goes from. */
export interface GroupMoves {
  readonly join: readonly string[];
  readonly leave: readonly string[];
}

export interface GroupRecord {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** It is always there: `administrators`, `developers`, `guests`. */
  readonly isBuiltIn: boolean;
}

/** Users and their groups. Errors as in {@link SubscriptionStore}. */
export interface UserStore {
  /**
   * Makes a user, or makes it exactly this; by a provider's word all but its groups, which are changed one by one.
   * @throws GatewayError `store-conflict` for an id (when `isNew`), address or identity that is taken, and a group that
   *   is unknown
   */
  put(user: UserRecord, isNew: boolean, word?: StateWord): KeyChanges;
  /** Names alone: whatever else has changed meanwhile stays. False: there is none. @throws GatewayError `store-conflict` */
  rename(id: string, names: UserNames): boolean;
  /** Groups alone, as {@link rename}. */
  regroup(id: string, moves: GroupMoves): boolean;
  get(id: string): UserRecord | null;
  /** Who somebody of a provider is here. */
  byIdentity(provider: string, subject: string): UserRecord | null;
  /** By id. */
  list(page: PageRequest<string>): readonly UserRecord[];
  /**
   * An operator's word, which no provider takes back. Whom a provider has blocked as well stays so when the operator's
   * block is lifted; where a provider's is all there is, the operator overrules it.
   */
  setState(id: string, state: UserState): KeyChanges | null;
  /** False: there is none. @throws GatewayError `store-conflict` while a subscription belongs to it */
  remove(id: string): boolean;
  putGroup(group: Omit<GroupRecord, "isBuiltIn">): void;
  /** By name. */
  groups(): readonly GroupRecord[];
  /** False: there is none. @throws GatewayError `store-conflict` for a built-in one */
  removeGroup(name: string): boolean;
  /** Ids of a group's members, in order. */
  members(group: string, page: PageRequest<string>): readonly string[];
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
/** What has been revoked. */
export interface RevocationStore {
  /**
   * Writes it, in the place of one of the same kind and id.
   * @throws GatewayError `store-conflict` when it is a new one and there are `most` already
   */
  put(revocation: Revocation, most: number): void;
  /** False: there was none. */
  remove(id: RevokedId): boolean;
  all(): readonly Revocation[];
  /** Removes those that are over. */
  prune(now: number): void;
}

export interface SyncStore {
  readonly revocations: RevocationStore;
  readonly subscriptions: SubscriptionStore;
  readonly keys: KeyStore;
  readonly users: UserStore;
  readonly quotas: QuotaStore;
  readonly access: AccessStore;
  readonly outbox: OutboxStore;
  readonly scim: ScimStore;
  readonly sessions: SessionStore;
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
  readonly revocations: Async<RevocationStore>;
  readonly subscriptions: Async<SubscriptionStore>;
  readonly keys: Async<KeyStore>;
  readonly users: Async<UserStore>;
  readonly quotas: Async<QuotaStore>;
  readonly access: Async<AccessStore>;
  readonly outbox: Async<OutboxStore>;
  readonly scim: Async<ScimStore>;
  readonly sessions: Async<SessionStore>;
  /** Lets what is waiting finish, then closes. Later calls reject with `store-unavailable`. */
  close(): Promise<void>;
}
