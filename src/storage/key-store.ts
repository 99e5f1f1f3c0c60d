import type { OutboxMessage } from "#model/outbox.ts";
import type { KeyChanges, KeySlot, OldKey, PageRequest, SubscriptionSource, SubscriptionState } from "./interfaces.ts";

/**
 * What people were told of a key last, in the order in which it happens: that it is due soon, that it is due, that it
 * was replaced and ends soon.
 */
export type KeyStage = "noticed" | "due" | "ending";

/** A key with what is known of its age and use. Times are milliseconds since the epoch. */
export interface HeldKey {
  readonly digest: Uint8Array;
  readonly subscription: string;
  readonly slot: KeySlot;
  readonly scope: string;
  readonly owner: string | null;
  readonly source: SubscriptionSource;
  readonly state: SubscriptionState;
  readonly madeAt: number;
  /** Null: never, as far as is known. */
  readonly usedAt: number | null;
  /** Null: it is its slot's. */
  readonly old: OldKey | null;
  /** Null: people were told nothing. */
  readonly told: KeyStage | null;
}

export interface NewKey {
  readonly slot: KeySlot;
  readonly digest: Uint8Array;
}

/** New keys, and what becomes of those that are in their slots. */
export interface KeyRotation {
  readonly keys: readonly NewKey[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Those before go on until then; null: they end with it, as do old ones of these slots. */
  readonly until: number | null;
  /** To be sent once it has happened: durable together with it. */
  readonly messages?: readonly OutboxMessage[];
}

/** Keys that are refused from now on. */
export interface EndedKeys {
  readonly changes: KeyChanges;
  readonly ended: readonly HeldKey[];
}

/** Old keys of one subscription at a time: whoever makes new ones without end would fill the key index. */
export const mostOldKeys = 8;

/**
 * How keys follow one another: in each slot there is one, and beside it old ones may go on for a while. Each method is
 * one transaction, so that whoever dies in the middle has done all of it or nothing, and of two that do the same at once
 * one does it. Errors as in `SubscriptionStore`. Null: there is no such subscription.
 */
export interface KeyStore {
  /** @throws GatewayError `store-conflict` when there would be more than {@link mostOldKeys} */
  rotate(subscription: string, rotation: KeyRotation): KeyChanges | null;
  /**
   * Makes a slot's key an old one without another in its slot, if the subscription has a younger key in the other one.
   * @param until at `at` or before: it ends at once
   * @returns null, and nothing has changed: there is no younger one, or it is old already
   */
  retire(digest: Uint8Array, at: number, until: number, messages?: readonly OutboxMessage[]): KeyChanges | null;
  /** False, and no message is put in: it was told already, or a later stage was. Null forgets what was told. */
  tell(digest: Uint8Array, stage: KeyStage | null, messages?: readonly OutboxMessage[]): boolean;
  /** Ends old keys whose time is over by now. @param most at a time, so that nobody waits long */
  end(now: number, most: number): EndedKeys;
  /** Ends all old keys of a subscription. */
  endOld(subscription: string): EndedKeys | null;
  /** When the next old key ends; null: none does. */
  nextEnd(): number | null;
  /** Of one subscription: those in slots first, primary before secondary. */
  of(subscription: string): readonly HeldKey[];
  /** All, by digest. */
  held(page: PageRequest<Uint8Array>): readonly HeldKey[];
  /** Old ones, those that end next first. */
  old(limit: number): readonly HeldKey[];
}
