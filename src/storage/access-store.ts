import type { AccessRequest, AccessState, AccessStep, Delegation } from "#model/access-requests.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { PageRequest } from "./interfaces.ts";

export interface AccessFilter {
  /** Null: in any. */
  readonly state: AccessState | null;
  /** Null: of anybody. */
  readonly grantee: string | null;
}

/** Bounds, counted in the same transaction that makes a request. */
export interface AccessBounds {
  /** That wait, and that are in force, of one grantee. */
  readonly openOfGrantee: number;
  readonly open: number;
}

/** What becomes of a request by one step. */
export interface AccessChange {
  readonly state: AccessState;
  readonly step: AccessStep;
  readonly startsAt?: number;
  readonly endsAt?: number;
  /** To be sent once it has happened: durable together with the step. */
  readonly messages?: readonly OutboxMessage[];
}

/**
 * Access requests with their steps, and delegations. Each method is one transaction. Errors as in `SubscriptionStore`;
 * times are milliseconds since the epoch.
 */
export interface AccessStore {
  /**
   * @param messages to be sent once it has happened: durable together with the request
   * @throws GatewayError `store-conflict` when the grantee has a request for this approval that waits or is in force,
   *   or the bounds are reached
   */
  create(request: AccessRequest, bounds: AccessBounds, messages?: readonly OutboxMessage[]): void;
  get(id: string): AccessRequest | null;
  /** The newest first; `after`: the id of the page before. */
  list(filter: AccessFilter, page: PageRequest<string>): readonly AccessRequest[];
  /**
   * @param steps that the caller has seen: when there are more by now, somebody else was quicker
   * @returns the request as it is now; null: there is none
   * @throws GatewayError `store-conflict` when somebody was quicker
   */
  change(id: string, steps: number, change: AccessChange): AccessRequest | null;
  /** How many there are of each approval that wait and that are in force. */
  counts(): readonly { readonly approval: string; readonly state: AccessState; readonly count: number }[];
  /** Those that wait and should not any more, and those in force that have ended. */
  due(now: number, most: number): readonly AccessRequest[];
  /** When the next is due; null: none is. */
  nextDue(): number | null;
  /** @throws GatewayError `store-conflict` when there are `most` that have not ended */
  delegate(delegation: Delegation, most: number): void;
  /** Those that have not ended by `now`, by id. */
  delegations(now: number): readonly Delegation[];
  /** False: there is none, or it has ended. */
  endDelegation(id: string, now: number): boolean;
  /** Notes that something was used, until then. False: it was noted before. */
  useOnce(name: string, until: number, now: number): boolean;
  isUsed(name: string, now: number): boolean;
  /** Forgets what is over since before that. @returns how many requests went */
  prune(before: number, most: number): number;
}
