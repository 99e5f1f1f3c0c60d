import type { ListedSession } from "#model/session.ts";

/** A session of somebody who has logged in. The id that its cookie holds is nowhere: only its digest. */
export interface SessionRecord {
  /** SHA-256 of the id. */
  readonly digest: Uint8Array;
  /** Names it in records and for administrators; opens nothing. */
  readonly handle: string;
  /** In the definition. */
  readonly provider: string;
  /** The host that it was opened at, and is good at. */
  readonly host: string;
  /** `sub` at the provider. */
  readonly subject: string;
  /** `sid` at the provider; null: it names none. */
  readonly providerSession: string | null;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  readonly seenAt: number;
  /** However busy, it is over then. */
  readonly endsAt: number;
  /** Claims and tokens, sealed. */
  readonly sealed: Uint8Array;
}

export interface SessionTouch {
  readonly digest: Uint8Array;
  readonly seenAt: number;
}

/** What a provider's word ends: at least one of both. Null: whichever. */
export interface SessionMatch {
  readonly provider: string;
  readonly subject: string | null;
  readonly providerSession: string | null;
}

/** `after`: the last handle of the page before, or null for the first page. `limit`: 1 to 10,000. */
export interface SessionPage {
  readonly after: string | null;
  readonly limit: number;
}

/** Sessions. Errors as in `SubscriptionStore`; each method is one transaction. */
export interface SessionStore {
  /** Several at a time, since each transaction waits for the disk. */
  put(sessions: readonly SessionRecord[]): void;
  find(digest: Uint8Array): SessionRecord | null;
  /** Those that are gone stay gone; a time is never set back. */
  touch(touches: readonly SessionTouch[]): void;
  /** False: it has ended meanwhile. */
  renew(digest: Uint8Array, sealed: Uint8Array, endsAt: number): boolean;
  /** @returns the handle; null: there is none */
  remove(digest: Uint8Array): string | null;
  /** @returns the handles of what was removed, at most `most` */
  removeMatching(match: SessionMatch, most: number): readonly string[];
  /** By handle. */
  list(page: SessionPage): readonly ListedSession[];
  /** False: there is none. */
  removeByHandle(handle: string): boolean;
  /** Removes what is over by now, or was last seen before. @returns how many went */
  prune(now: number, seenBefore: number, most: number): number;
}
