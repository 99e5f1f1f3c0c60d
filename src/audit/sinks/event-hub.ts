import { Buffer } from "node:buffer";
import type { EventHubTarget } from "#model/sinks.ts";
import { recordUid } from "#audit/record-uid.ts";
import { deliveredBy, failedWith } from "./answer.ts";
import type { Deliver } from "./delivery.ts";
import type { CallPorts } from "./webhook.ts";

const maxAnswerBytes = 64 * 1024;
const type = "application/vnd.microsoft.servicebus.json";

/**
 * A batch of events in one call of the REST API, an event a record, with the record's id as a property.
 *
 * @param authorize gives the value of Authorization
 * @see the REST API of Event Hubs, "Send batch events"
 */
export function eventHubDelivery(
  { url }: EventHubTarget,
  authorize: () => string | Promise<string>,
  { egress, timeoutMs, ca }: CallPorts,
): Deliver {
  return async (records) => {
    const events = records.map(({ text, record }) => ({ Body: text, UserProperties: { id: recordUid(record) } }));
    try {
      const answer = await egress.fetch({
        url,
        method: "POST",
        headers: ["Content-Type", type, "Authorization", await authorize()],
        body: Buffer.from(JSON.stringify(events)),
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
