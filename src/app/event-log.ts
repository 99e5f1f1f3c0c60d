import type { EventOrigin } from "#audit/event-writer.ts";
import { writeEvent } from "#audit/event-writer.ts";
import type { ControlEvent } from "#model/control-events.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, EventRecorder, Log } from "#model/ports.ts";

export interface EventLogOptions {
  readonly sink: {
    push(line: string): Promise<number>;
    durable(sequence: number): Promise<void>;
  };
  /** Has what is handed over by now written at once. */
  readonly sync: () => void;
  readonly origin: () => EventOrigin;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly log: Log;
  /** Default 5 s. */
  readonly patienceMs?: number;
}

/**
 * Events of main in the record. Whoever has done something is told so when it stands there for good; a disk that
 * takes nothing makes that an error, and what was done is in the gateway's own log.
 */
export class EventLog implements EventRecorder {
  readonly #options: EventLogOptions;
  /** In the order in which they were told. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: EventLogOptions) {
    this.#options = options;
  }

  async record(...events: readonly ControlEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(unavailable()), this.#options.patienceMs ?? 5000);
    try {
      await Promise.race([this.#write(events), promise]);
    } catch (error) {
      const names = events.map(({ event }) => event);
      this.#options.log.error("events could not be written into the record", { events: names, error: String(error) });
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** On the disk when everything else is: no sync of its own, since strangers can make some of these happen. */
  tell(...events: readonly ControlEvent[]): void {
    if (events.length === 0) return;
    this.#push(events).catch((error: unknown) => {
      this.#options.log.error("events could not be written into the record", { error: String(error) });
    });
  }

  async #write(events: readonly ControlEvent[]): Promise<void> {
    const { sink, sync } = this.#options;
    const sequence = await this.#push(events);
    sync();
    await sink.durable(sequence);
  }

  #push(events: readonly ControlEvent[]): Promise<number> {
    const { sink, origin, newId, clock } = this.#options;
    const lines = events.map((event) => writeEvent(event, { id: newId(), at: clock.now() }, origin()));
    const pushed = this.#last.then(async () => {
      let sequence = 0;
      for (const line of lines) sequence = await sink.push(line);
      return sequence;
    });
    this.#last = pushed.catch(() => {});
    return pushed;
  }
}

function unavailable(): GatewayError {
  return new GatewayError("audit-unavailable", 503, "the audit record cannot be written", { retryable: true });
}
