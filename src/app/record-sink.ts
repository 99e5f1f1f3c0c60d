import type { Recorder } from "#audit/record.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock, EventSink, Log } from "#model/ports.ts";
import type { RingWriter } from "#threads/ring-writer.ts";

/** Records that may wait for room in the ring before new requests are refused. */
const maxWaiting = 4096;

/**
 * Finished exchanges → this worker's ring. Nothing is dropped: when the disk falls behind, records wait here, and when
 * too many do, {@link overloaded} has new requests refused until there is room.
 */
export class RecordSink {
  readonly #ring: RingWriter;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: string[] = [];

  constructor(ring: RingWriter, clock: Clock, log: Log) {
    this.#ring = ring;
    this.#clock = clock;
    this.#log = log;
  }

  get overloaded(): boolean {
    return this.#waiting.length >= maxWaiting;
  }

  /** The sink of one snapshot's exchanges: they are recorded under the definition that they ran under. */
  under(recorder: Recorder): EventSink {
    return { finished: (exchange) => this.#write(exchange, recorder) };
  }

  /** Resolves when all records are in the ring. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0) await this.#ring.whenSpace();
  }

  #write(exchange: Exchange, recorder: Recorder): void {
    const now = this.#clock.mono();
    if (this.#waiting.length === 0 && this.#ring.tryPush(recorder.encodeBytes(exchange, now)) !== 0) return;
    this.#waiting.push(recorder.encodeRecord(exchange, now));
    if (this.#waiting.length === 1) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#log.warn("the audit writer falls behind: records wait for room");
    let next = 0;
    while (next < this.#waiting.length) {
      if (this.#ring.tryPush(this.#waiting[next] as string) === 0) await this.#ring.whenSpace();
      else next += 1;
    }
    this.#waiting = [];
  }
}
