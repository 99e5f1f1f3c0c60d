import type { Announcements } from "#model/announcements.ts";
import type { OutboxClaim } from "#model/outbox.ts";
import type { AccessMail } from "#products/access-message.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import { sendMail } from "./mail-delivery.ts";
import type { Attempt } from "./outbox.ts";
import { sendToWebhook, type WebhookPorts } from "./webhook-delivery.ts";

export interface SendPorts extends WebhookPorts {
  readonly ownAddresses: () => readonly OwnAddress[];
}

/** Sends a message as the definition in force says: it may be another one than when the message was written. */
export async function sendMessage(
  settings: Announcements | null,
  message: OutboxClaim,
  ports: SendPorts,
): Promise<Attempt> {
  const { channel, receiver, body, id } = message;
  if (channel === "webhook") {
    const webhook = settings?.webhooks.find(({ name }) => name === receiver);
    return webhook === undefined ? gone("it") : sendToWebhook(webhook, message, ports);
  }
  const mail = settings?.mail ?? null;
  if (mail === null) return gone("a mail server");
  return sendMail(mail, receiver, { ...(JSON.parse(body) as AccessMail), id }, ports.ownAddresses);
}

function gone(what: string): Attempt {
  return { outcome: "refused", why: `the definition no longer has ${what}` };
}
