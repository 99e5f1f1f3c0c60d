import type { Logger } from "#model/definition.ts";
import { asciiJson } from "./ascii-json.ts";
import { describeError } from "./failure.ts";
import type { PolicyPorts } from "./context.ts";
import { sharedAccessSignature } from "./service-bus/shared-access.ts";

/** Calls of one worker at a time. */
const maxUnderWay = 32;
/** Those that wait for their turn. */
const maxWaiting = 2048;
const timeoutMs = 10_000;
const maxAnswerBytes = 4096;
/** Who a token of the gateway's identity is for. */
export const eventHubAudience = "https://eventhubs.azure.net";

export interface LoggedEvent {
  readonly body: Uint8Array;
  /** Of Event Hubs: which partition gets it. */
  readonly partition: { readonly id: string } | { readonly key: string } | null;
}

interface Waiting extends LoggedEvent {
  readonly logger: Logger;
  readonly ports: PolicyPorts;
}

/**
 * Events on their way to loggers. Nobody waits for them, and clients decide how many there are: what is beyond the bound
 * is dropped, and how much that was is told in the log.
 */
export class EventQueue {
  readonly #waiting: Waiting[] = [];
  #underWay = 0;
  #dropped = 0;

  push(logger: Logger, event: LoggedEvent, ports: PolicyPorts): void {
    if (this.#waiting.length >= maxWaiting || !ports.bodies.take(event.body.byteLength)) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push({ ...event, logger, ports });
    this.#next();
  }

  #next(): void {
    while (this.#underWay < maxUnderWay) {
      const event = this.#waiting.shift();
      if (event === undefined) return;
      this.#underWay += 1;
      void this.#send(event);
    }
  }

  async #send({ logger, body, partition, ports }: Waiting): Promise<void> {
    const { egress, log, bodies } = ports;
    try {
      const headers = headersOf(logger, partition);
      if (logger.sender !== null) headers.push("Authorization", await tokenFor(logger.url, logger.sender, ports));
      const { status } = await egress.fetch({
        url: partition !== null && "id" in partition ? partitionUrl(logger.url, partition.id) : logger.url,
        method: "POST",
        headers,
        body,
        timeoutMs,
        maxBytes: maxAnswerBytes,
        keepAlive: true,
        declared: true,
      });
      if (status >= 400) log.warn("a logger refused an event", { logger: logger.name, status });
    } catch (error) {
      log.warn("a logger could not be reached", { logger: logger.name, error: describeError(error) });
    } finally {
      bodies.giveBack(body.byteLength);
      this.#underWay -= 1;
      this.#tellDropped(ports);
      this.#next();
    }
  }

  #tellDropped({ log }: PolicyPorts): void {
    if (this.#dropped === 0) return;
    log.warn("events for loggers were dropped: there were too many at a time", { events: this.#dropped });
    this.#dropped = 0;
  }
}

/** @see the REST API of Event Hubs, "Send partition event" */
function partitionUrl(url: string, id: string): string {
  return url.replace(/\/messages$/, `/partitions/${encodeURIComponent(id)}/messages`);
}

function headersOf({ contentType, authorization }: Logger, partition: LoggedEvent["partition"]): string[] {
  const headers = ["Content-Type", contentType];
  if (authorization !== null) headers.push("Authorization", authorization.value);
  // Beyond ASCII a field could not be written.
  if (partition !== null && "key" in partition)
    headers.push("BrokerProperties", asciiJson({ PartitionKey: partition.key }));
  return headers;
}

/** For the hub, or as the gateway's own identity. */
async function tokenFor(
  url: string,
  sender: NonNullable<Logger["sender"]>,
  { clock, managedIdentity }: PolicyPorts,
): Promise<string> {
  if ("clientId" in sender) return `Bearer ${await managedIdentity.token(eventHubAudience, sender.clientId)}`;
  return sharedAccessSignature(url.replace(/\/messages$/, ""), sender, clock.now());
}
