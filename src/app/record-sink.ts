import type { Recorder } from "#audit/record.ts";
import type { Exchange } from "#model/exchange.ts";
import type { Clock, EventSink, Log } from "#model/ports.ts";
import type { Admission } from "#pipeline/dispatcher.ts";
import type { RingWriter } from "#threads/ring-writer.ts";

/**
 * Records that may wait for room in the ring before new requests are refused: with the ring, about two seconds of a
 * busy worker, so that one slow sync of a disk is not felt.
 */
const usualRefuseFrom = 16_384;
/** Those that have found room are let go in lots of this size. */
const trimFrom = 512;

/**
 * Finished exchanges → this worker's ring. Nothing is dropped: when the disk falls behind, records wait here, and when
 * too many do, {@link admission} has new requests refused until there is room.
 */
export class RecordSink {
  readonly #ring: RingWriter;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #refuseFrom: number;
  #waiting: string[] = [];

  constructor(ring: RingWriter, clock: Clock, log: Log, refuseFrom: number = usualRefuseFrom) {
    this.#refuseFrom = refuseFrom;
    this.#ring = ring;
    this.#clock = clock;
    this.#log = log;
  }

  /** What is to become of a new request. */
  get admission(): Admission {
    const waiting = this.#waiting.length;
    if (waiting < this.#refuseFrom) return "take";
    // A refusal is a record as well: a flood of them must not fill the memory.
    return waiting < 2 * this.#refuseFrom ? "refuse" : "drop";
  }

  /** The sink of one snapshot's exchanges: they are recorded under the definition that they ran under. */
  under(recorder: Recorder): EventSink {
    return {
      opened: (exchange) => this.#push(recorder.encodeOpen(exchange, this.#clock.mono())),
      finished: (exchange) => this.#write(exchange, recorder),
    };
  }

  /**
   * Hands over a line, in front of records that wait. Resolves with the number by which {@link durable} is asked.
   * @throws GatewayError `audit-unavailable` for one that is too large
   */
  async push(line: string): Promise<number> {
    let sequence = this.#ring.tryPush(line);
    for (; sequence === 0; sequence = this.#ring.tryPush(line)) await this.#ring.whenSpace();
    return sequence;
  }

  /** Resolves when that line, and all before it, are on the disk. @throws GatewayError `audit-unavailable` */
  durable(sequence: number): Promise<void> {
    return this.#ring.whenDurable(sequence);
  }

  /** Resolves when all records are in the ring. */
  async settled(): Promise<void> {
    while (this.#waiting.length > 0) await this.#ring.whenSpace();
  }

  #write(exchange: Exchange, recorder: Recorder): void {
    const now = this.#clock.mono();
    if (this.#waiting.length === 0 && this.#ring.tryPush(recorder.encodeBytes(exchange, now)) !== 0) return;
    this.#wait(recorder.encodeRecord(exchange, now));
  }

  #push(record: string): void {
    if (this.#waiting.length > 0 || this.#ring.tryPush(record) === 0) this.#wait(record);
  }

  #wait(record: string): void {
    this.#waiting.push(record);
    if (this.#waiting.length === 1) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#log.warn("the audit writer falls behind: records wait for room");
    let next = 0;
    while (next < this.#waiting.length) {
      if (this.#ring.tryPush(this.#waiting[next] as string) === 0) await this.#ring.whenSpace();
      else next += 1;
      if (next < trimFrom) continue;
      this.#waiting.splice(0, next);
      next = 0;
    }
    this.#waiting = [];
  }
}
