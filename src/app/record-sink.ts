import type { Recorder } from "#audit/record.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock, EventSink, Log } from "#model/ports.ts";
import type { RingWriter } from "#threads/ring-writer.ts";

/** Records that may wait for room in the ring before new requests are refused. */
const maxWaiting = 4096;

/**
 * Finished exchanges → this worker's ring. Nothing is dropped: when the disk falls behind, records wait here, and when
 * too many do, {@link overloaded} has the edge refuse new requests until there is room.
 */
export class RecordSink implements EventSink {
  readonly #ring: RingWriter;
  readonly #clock: Clock;
  readonly #log: Log;
  #recorder: Recorder;
  #waiting: string[] = [];

  constructor(ring: RingWriter, recorder: Recorder, clock: Clock, log: Log) {
    this.#ring = ring;
    this.#recorder = recorder;
    this.#clock = clock;
    this.#log = log;
  }

  get overloaded(): boolean {
    return this.#waiting.length >= maxWaiting;
  }

  /** From now on, records name another definition. */
  use(recorder: Recorder): void {
    this.#recorder = recorder;
  }

  finished(exchange: Exchange): void {
    const now = this.#clock.mono();
    if (this.#waiting.length === 0 && this.#ring.tryPush(this.#recorder.encodeBytes(exchange, now)) !== 0) return;
    this.#waiting.push(this.#recorder.encodeRecord(exchange, now));
    if (this.#waiting.length === 1) void this.#drain();
  }

  /** Resolves when all records are in the ring. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0) await this.#ring.whenSpace();
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
