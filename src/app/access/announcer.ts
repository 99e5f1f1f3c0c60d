import { Buffer } from "node:buffer";
import type { Announcements } from "#model/announcements.ts";
import type { OutboxMessage } from "#model/outbox.ts";
import type { Random } from "#model/ports.ts";
import { breakGlassMail, requestMail, webhookPayload } from "#products/access-message.ts";
import type { AccessEvent } from "#products/access-requests.ts";
import type { AnswerLinks } from "#products/answer-links.ts";

export interface AnnouncerOptions {
  readonly links: AnswerLinks;
  readonly random: Random;
  readonly newId: () => string;
}

/** What is to be sent of a step: every step to webhooks, to approvers by mail what they are to answer or to know. */
export function messagesOf(
  settings: Announcements,
  event: AccessEvent,
  options: AnnouncerOptions,
): readonly OutboxMessage[] {
  const about = { subject: `access:${event.request.id}`, createdAt: event.step.at } as const;
  const body = JSON.stringify(webhookPayload(event, settings.url));
  const toWebhooks = settings.webhooks.map(({ name }): OutboxMessage => ({
    id: options.newId(),
    channel: "webhook",
    receiver: name,
    body,
    ...about,
  }));
  const byMail = mailsOf(settings, event, options).map(([receiver, mail]): OutboxMessage => ({
    id: options.newId(),
    channel: "email",
    receiver,
    body: mail,
    ...about,
  }));
  return [...toWebhooks, ...byMail];
}

function mailsOf(
  { url, mail }: Announcements,
  event: AccessEvent,
  { links, random }: AnnouncerOptions,
): readonly (readonly [address: string, body: string])[] {
  const { request, approval, step } = event;
  if (mail === null || (step.step !== "request" && step.step !== "break-glass")) return [];
  return (approval?.mailTo ?? []).map((address) => {
    const nonce = Buffer.from(random.bytes(16)).toString("base64url");
    const link = links.make({ request: request.id, until: request.answerBy, nonce });
    const answer = `${url}/.sallyport/access/answer?link=${link}`;
    const message = step.step === "request" ? requestMail(event, answer) : breakGlassMail(event, url);
    return [address, JSON.stringify(message)];
  });
}
