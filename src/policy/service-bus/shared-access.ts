import { createHmac } from "node:crypto";
import type { SharedAccessKey } from "#model/messaging.ts";

/** Long enough for clocks that differ; a token is for one message. */
const lifetimeSeconds = 300;

/**
 * A shared access signature for one queue or topic.
 * @param url of the queue or topic
 * @param now milliseconds since the epoch
 * @see the documentation of Azure Service Bus, "Shared Access Signatures"
 */
export function sharedAccessSignature(url: string, key: SharedAccessKey, now: number): string {
  const resource = encodeURIComponent(url.toLowerCase());
  const end = Math.floor(now / 1000) + lifetimeSeconds;
  const signature = createHmac("sha256", key.value).update(`${resource}\n${end}`).digest("base64");
  const name = encodeURIComponent(key.name);
  return `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${end}&skn=${name}`;
}
