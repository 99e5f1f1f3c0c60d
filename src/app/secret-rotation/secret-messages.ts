import type { Announcements } from "#model/announcements.ts";
import type { ControlEvent } from "#model/control-events.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import { secretMail, secretPayload } from "#products/secret-message.ts";

export interface SecretNotice {
  readonly event: ControlEvent;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Addresses that the definition names for this secret. */
  readonly mailTo: readonly string[];
}

/** What is to be sent of a secret: everything to webhooks, and by mail to whom it names. */
export function secretMessages(
  { webhooks, mail }: Announcements,
  { event, at, mailTo }: SecretNotice,
  newId: () => string,
): readonly OutboxMessage[] {
  const about = { subject: `secrets:${String(event.details.entry)}`, createdAt: at } as const;
  const made = (channel: OutboxMessage["channel"], receiver: string, what: object): OutboxMessage => ({
    id: newId(),
    channel,
    receiver,
    body: JSON.stringify(what),
    ...about,
  });
  const payload = secretPayload(event, at);
  const toWebhooks = webhooks.map(({ name }) => made("webhook", name, payload));
  const text = secretMail(event);
  if (mail === null || text === null) return toWebhooks;
  return [...toWebhooks, ...mailTo.map((address) => made("email", address, text))];
}
