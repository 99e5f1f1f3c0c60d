import type { Announcements } from "#model/announcements.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import { keyMail, keyPayload } from "#products/key-message.ts";
import type { KeyNotice } from "#products/key-notice.ts";

/**
 * What is to be sent of a key: everything to webhooks, and by mail to its owner.
 * @param address null: it belongs to nobody who can be written to
 */
export function keyMessages(
  { url, webhooks, mail }: Announcements,
  notice: KeyNotice,
  address: string | null,
  newId: () => string,
): readonly OutboxMessage[] {
  const about = { subject: `keys:${notice.subscription}`, createdAt: notice.at } as const;
  const body = JSON.stringify(keyPayload(notice));
  const toWebhooks = webhooks.map(({ name }): OutboxMessage => ({
    id: newId(),
    channel: "webhook",
    receiver: name,
    body,
    ...about,
  }));
  if (mail === null || address === null) return toWebhooks;
  const toOwner = JSON.stringify(keyMail(notice, url));
  return [...toWebhooks, { id: newId(), channel: "email", receiver: address, body: toOwner, ...about }];
}
