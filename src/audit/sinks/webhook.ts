import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { signMessage } from "#lib/standard-webhooks.ts";
import type { Clock, Egress } from "#model/ports.ts";
import type { WebhookTarget } from "#model/sinks.ts";
import { deliveredBy, failedWith } from "./answer.ts";
import type { Deliver } from "./delivery.ts";

export interface CallPorts {
  readonly egress: Egress;
  readonly clock: Pick<Clock, "now">;
  readonly timeoutMs: number;
  readonly ca: string | null;
}

const maxAnswerBytes = 64 * 1024;

/** Lines of JSON, signed anew at each try; the same lines always have the same `webhook-id`. */
export function webhookDelivery({ url, secret, headers }: WebhookTarget, ports: CallPorts): Deliver {
  const { egress, clock, timeoutMs, ca } = ports;
  const own = headers.flatMap(({ name, value }) => [name, value]);
  return async (records) => {
    const body = Buffer.from(records.map(({ text }) => `${text}\n`).join(""));
    const id = `msg_${hash("sha256", body, "hex").slice(0, 32)}`;
    const timestamp = String(Math.floor(clock.now() / 1000));
    const signature = signMessage(secret.value, id, timestamp, body);
    const signed = ["webhook-id", id, "webhook-timestamp", timestamp, "webhook-signature", signature];
    try {
      const answer = await egress.fetch({
        url,
        method: "POST",
        headers: ["Content-Type", "application/x-ndjson", "User-Agent", "sallyport", ...signed, ...own],
        body,
        timeoutMs,
        maxBytes: maxAnswerBytes,
        keepAlive: true,
        declared: true,
        ...(ca === null ? {} : { ca }),
      });
      return deliveredBy(answer);
    } catch (error) {
      return failedWith(error);
    }
  };
}
