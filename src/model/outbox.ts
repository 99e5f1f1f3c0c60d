export type Channel = "webhook" | "email";

/** What a message is about: an access request by its id, the keys of a subscription, or a secret, by its name. */
export type OutboxSubject = `access:${string}` | `keys:${string}` | `secrets:${string}`;

/** A message for one receiver, as it is put into the store with what it tells of. */
export interface OutboxMessage {
  /** The receiver knows a message that comes twice by it. */
  readonly id: string;
  readonly channel: Channel;
  /** Name of a webhook, or an address. */
  readonly receiver: string;
  readonly subject: OutboxSubject;
  /** What is sent: JSON that its channel understands. */
  readonly body: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
}

/** `dead`: it was given up. It stays for a while, so that somebody can see it and send it again. */
export type OutboxState = "waiting" | "dead";

/** A message that is not sent yet, without what it says. */
export interface OutboxEntry extends Omit<OutboxMessage, "body"> {
  readonly state: OutboxState;
  readonly tries: number;
  /** When it is tried next. */
  readonly dueAt: number;
  /** Why the last try failed; empty: there was none. */
  readonly why: string;
}

/** A message that is under way, with how often it was tried before. */
export interface OutboxClaim extends OutboxMessage {
  readonly tries: number;
}
