import { createHmac } from "node:crypto";
import type { Clock, Egress } from "#model/ports.ts";
import type { Secret } from "#model/secret.ts";
import type { TxtRecords } from "./records.ts";
import { callService } from "./service-call.ts";

/**
 * Posts `{ action, name, text }`. The header `Sallyport-Signature: t=<seconds>,v1=<hex>` holds the HMAC-SHA256 of
 * `<seconds>.<body>`, so that the service can tell us from others, and now from before.
 */
export function webhookRecords(url: string, secret: Secret, egress: Egress, clock: Clock): TxtRecords {
  const post = async (action: "present" | "remove", name: string, text: string): Promise<void> => {
    const body = JSON.stringify({ action, name, text });
    const time = Math.floor(clock.now() / 1000);
    const mac = createHmac("sha256", secret.reveal()).update(`${time}.${body}`).digest("hex");
    const headers = ["Content-Type", "application/json", "Sallyport-Signature", `t=${time},v1=${mac}`];
    await callService(egress, { service: "the DNS webhook", method: "POST", url, headers, body });
  };
  return {
    add: (name, text) => post("present", name, text),
    remove: (name, text) => post("remove", name, text),
  };
}
