import type { Channel, OutboxClaim, OutboxEntry, OutboxMessage, OutboxState } from "#model/outbox.ts";
import type { PageRequest } from "./interfaces.ts";

/**
 * Messages that are not sent yet; the access store puts them in, in one transaction with what they tell of. Each method
 * is one transaction; times are milliseconds since the epoch.
 */
export interface OutboxStore {
  /** Those that tell of nothing in the store. */
  put(messages: readonly OutboxMessage[]): void;
  /**
   * The message that is due for longest, of no receiver in `busy`, which nobody else gets before `until`: whoever dies
   * with it leaves it to be sent again. Null: none is due.
   */
  claim(now: number, until: number, busy: readonly string[]): OutboxClaim | null;
  /** When the next of no receiver in `busy` is due; null: none waits. */
  nextDue(busy: readonly string[]): number | null;
  /** It was sent: it is forgotten. */
  sent(id: string): void;
  /** It was not sent. @param dueAt of the next try; null: it is dead */
  failed(id: string, dueAt: number | null, why: string): void;
  /** A dead one waits again, as if it was new. Null: there is no such one. */
  revive(id: string, now: number): OutboxEntry | null;
  /** The oldest first; `after`: the id of the page before. */
  list(state: OutboxState | null, page: PageRequest<string>): readonly OutboxEntry[];
  counts(): readonly { readonly channel: Channel; readonly state: OutboxState; readonly count: number }[];
  /** Forgets dead ones that were made before that, and the oldest beyond `most`. */
  prune(before: number, most: number): void;
}
