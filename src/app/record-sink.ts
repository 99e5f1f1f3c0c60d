import type { Recorder, RecordStage } from "#audit/record.ts";
import { SharedTeller } from "#audit/shared/shared-teller.ts";
import type { Exchange } from "#model/exchange.ts";
import type { AuditSettings } from "#model/definition.ts";
import { GatewayError } from "#model/errors.ts";
import type { Clock, EventSink, Log, StrictEvents } from "#model/ports.ts";
import type { Admission } from "#pipeline/dispatcher.ts";
import type { RingWriter } from "#threads/ring-writer.ts";

/**
 * Records that may wait for room in the ring before new requests are refused: with the ring, about two seconds of a
 * busy worker, so that one slow sync of a disk is not felt.
 */
const usualRefuseFrom = 16_384;
/** Those that have found room are let go in lots of this size. */
const trimFrom = 512;

export interface RecordSinkOptions {
  /** Default: batched. */
  readonly durability?: AuditSettings["durability"];
  readonly refuseFrom?: number;
}

interface Waiting {
  readonly record: string;
  /** Told of its sequence when it is in the ring. */
  readonly taken: ((sequence: number) => void) | null;
}

/**
 * Finished exchanges → this worker's ring. Nothing is dropped: when the disk falls behind, records wait here, and when
 * too many do, {@link admission} has new requests refused until there is room.
 */
export class RecordSink {
  readonly #ring: RingWriter;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #refuseFrom: number;
  readonly #strict: boolean;
  readonly #teller: SharedTeller;
  #waiting: Waiting[] = [];

  constructor(ring: RingWriter, clock: Clock, log: Log, options: RecordSinkOptions = {}) {
    this.#refuseFrom = options.refuseFrom ?? usualRefuseFrom;
    this.#strict = options.durability === "strict";
    this.#ring = ring;
    // Records that wait refer to what was told before: what they mean must not change meanwhile.
    this.#teller = new SharedTeller((frame) => this.#waiting.length === 0 && ring.tryPush(frame) !== 0);
    this.#clock = clock;
    this.#log = log;
  }

  /** What is to become of a new request. */
  get admission(): Admission {
    const waiting = this.#waiting.length;
    if (waiting < this.#refuseFrom) return this.#strict && this.#ring.failed ? "refuse" : "take";
    // A refusal is a record as well: a flood of them must not fill the memory.
    return waiting < 2 * this.#refuseFrom ? "refuse" : "drop";
  }

  /** The sink of one snapshot's exchanges: they are recorded under the definition that they ran under. */
  under(recorder: Recorder): EventSink {
    return {
      opened: (exchange) => this.#write(exchange, recorder, "open"),
      finished: (exchange) => this.#write(exchange, recorder),
      strict: this.#strict ? this.#strictUnder(recorder) : null,
    };
  }

  #strictUnder(recorder: Recorder): StrictEvents {
    return {
      intent: (exchange) => this.#durable(exchange, recorder, "intent"),
      opened: (exchange) => this.#durable(exchange, recorder, "open"),
      finished: (exchange) => this.#durable(exchange, recorder),
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

  #write(exchange: Exchange, recorder: Recorder, stage?: RecordStage): void {
    const now = this.#clock.mono();
    if (this.#push(exchange, recorder, now, stage) === 0) {
      this.#wait(recorder.encodeRecord(exchange, now, this.#teller, stage));
    }
  }

  /** @throws GatewayError `audit-unavailable` */
  #durable(exchange: Exchange, recorder: Recorder, stage?: RecordStage): Promise<void> {
    const now = this.#clock.mono();
    const sequence = this.#push(exchange, recorder, now, stage);
    if (sequence !== 0) return this.#ring.whenDurable(sequence);
    const record = recorder.encodeRecord(exchange, now, this.#teller, stage);
    if (this.#ring.failed) {
      // It is kept; but whoever waits is not to do so for as long as a disk is full.
      this.#wait(record);
      return Promise.reject(new GatewayError("audit-unavailable", 503, "the audit record cannot be written"));
    }
    return new Promise((resolve) => this.#wait(record, (taken) => resolve(this.#ring.whenDurable(taken))));
  }

  /** @returns its sequence; 0: it has to wait for room */
  #push(exchange: Exchange, recorder: Recorder, now: number, stage: RecordStage | undefined): number {
    if (this.#waiting.length > 0) return 0;
    return this.#ring.tryPush(recorder.encodeBytes(exchange, now, this.#teller, stage));
  }

  #wait(record: string, taken: Waiting["taken"] = null): void {
    this.#waiting.push({ record, taken });
    if (this.#waiting.length === 1) void this.#drain();
  }

  async #drain(): Promise<void> {
    this.#log.warn("the audit writer falls behind: records wait for room");
    let next = 0;
    while (next < this.#waiting.length) {
      const { record, taken } = this.#waiting[next] as Waiting;
      const sequence = this.#ring.tryPush(record);
      if (sequence === 0) await this.#ring.whenSpace();
      else {
        taken?.(sequence);
        next += 1;
      }
      if (next < trimFrom) continue;
      this.#waiting.splice(0, next);
      next = 0;
    }
    this.#waiting = [];
  }
}
