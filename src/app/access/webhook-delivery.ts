import { Buffer } from "node:buffer";
import { signMessage } from "#lib/standard-webhooks.ts";
import type { Webhook } from "#model/announcements.ts";
import { GatewayError } from "#model/errors.ts";
import type { OutboxClaim } from "#model/outbox.ts";
import type { Clock, Egress } from "#model/ports.ts";
import type { Attempt } from "./outbox.ts";

export interface WebhookPorts {
  readonly egress: () => Egress;
  readonly clock: Pick<Clock, "now">;
}

const timeoutMs = 10_000;
const maxAnswerBytes = 4096;

/** Sends a message to a webhook, signed anew at each try. Its id stays, so that the receiver knows it again. */
export async function sendToWebhook(
  { url, secret }: Webhook,
  message: Pick<OutboxClaim, "id" | "body">,
  { egress, clock }: WebhookPorts,
): Promise<Attempt> {
  const body = Buffer.from(message.body);
  const id = `msg_${message.id}`;
  const timestamp = String(Math.floor(clock.now() / 1000));
  const signature = signMessage(secret.reveal(), id, timestamp, body);
  const headers = ["Content-Type", "application/json", "User-Agent", "sallyport"];
  const signed = ["webhook-id", id, "webhook-timestamp", timestamp, "webhook-signature", signature];
  try {
    const request = { url, method: "POST", headers: [...headers, ...signed], body, timeoutMs, declared: true } as const;
    const { status } = await egress().fetch({ ...request, maxBytes: maxAnswerBytes });
    return { outcome: outcomeOf(status), why: `status ${status}` };
  } catch (error) {
    const isRefused = error instanceof GatewayError && error.code === "egress-refused";
    const why = error instanceof GatewayError ? error.code : String(error);
    return { outcome: isRefused ? "refused" : "retry", why };
  }
}

/** 410 is a receiver that wants no more; every other refusal may be repaired. */
function outcomeOf(status: number): "sent" | "retry" | "refused" {
  if (status >= 200 && status < 300) return "sent";
  return status === 410 ? "refused" : "retry";
}
