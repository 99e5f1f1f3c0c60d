import { Buffer } from "node:buffer";
import type { Announcements } from "#model/announcements.ts";
import type { Random } from "#model/ports.ts";
import { breakGlassMail, requestMail, webhookPayload } from "#products/access-message.ts";
import type { AccessEvent } from "#products/access-requests.ts";
import type { AnswerLinks } from "#products/answer-links.ts";
import type { OwnAddress } from "#upstream/egress.ts";
import type { Deliveries } from "./deliveries.ts";
import { mailDelivery } from "./mail-delivery.ts";
import { webhookDelivery, type WebhookPorts } from "./webhook-delivery.ts";

export interface AnnouncerOptions extends WebhookPorts {
  readonly deliveries: Deliveries;
  readonly links: AnswerLinks;
  readonly random: Random;
  readonly newId: () => string;
  readonly ownAddresses: () => readonly OwnAddress[];
}

/** Tells webhooks of every step, and approvers by mail of what they are to answer or to know. Never throws. */
export function announce(settings: Announcements, event: AccessEvent, options: AnnouncerOptions): void {
  const { deliveries, newId } = options;
  const payload = webhookPayload(event, settings.url);
  for (const webhook of settings.webhooks) deliveries.add(webhookDelivery(webhook, payload, `msg_${newId()}`, options));
  announceByMail(settings, event, options);
}

function announceByMail(
  { url, mail }: Announcements,
  event: AccessEvent,
  { deliveries, links, random, ownAddresses }: AnnouncerOptions,
): void {
  const { request, approval, step } = event;
  if (mail === null || (step.step !== "request" && step.step !== "break-glass")) return;
  for (const address of approval?.mailTo ?? []) {
    const nonce = Buffer.from(random.bytes(16)).toString("base64url");
    const link = links.make({ request: request.id, until: request.answerBy, nonce });
    const answer = `${url}/.sallyport/access/answer?link=${link}`;
    const message = step.step === "request" ? requestMail(event, answer) : breakGlassMail(event, url);
    deliveries.add(mailDelivery(mail, address, message, ownAddresses));
  }
}
