import type { Exchange } from "#model/exchange.ts";
import { type AuditRecord, recordSchema } from "#model/record.ts";
import { noRedaction, type Redaction } from "#model/redaction.ts";
import { bounded } from "./bounded.ts";
import { HandoverWriter } from "./handover-writer.ts";
import { IsoWriter } from "./iso-writer.ts";
import { JsonWriter, piece } from "./json-writer.ts";
import { writeEnd } from "./end-writer.ts";
import { writeOutcome } from "./outcome-writer.ts";
import { PrincipalWriter } from "./principal-writer.ts";
import { maxRecordBytes, type RecordLimits, tightLimits, usualLimits } from "./record-limits.ts";
import { createRedaction } from "./redaction/redaction.ts";
import { RecordRedaction } from "./redaction/record-redaction.ts";
import { writeRequest } from "./request-writer.ts";
import { RouteWriter } from "./route-writer.ts";
import { ShortWriter } from "./shared/short-writer.ts";
import type { SharedTeller } from "./shared/shared-teller.ts";
import { UpstreamWriter } from "./upstream-writer.ts";

export interface RecorderOptions {
  readonly environment: string;
  /** Name of this gateway node. */
  readonly node: string;
  /** `Snapshot.hash` of the definition the exchanges ran under. */
  readonly configHash: string;
  /** Query parameters to redact besides those that always are. */
  readonly redactQuery: readonly string[];
  /** Default: nothing else is kept out. */
  readonly redaction?: Redaction;
}

export type RecordStage = NonNullable<AuditRecord["stage"]>;

export interface Recorder {
  /**
   * The record of an exchange, an `AuditRecord` as UTF-8 JSON without a line break, at most 16 KiB.
   * The bytes are the recorder's memory: good until its next call. `nowMono`: as `RequestFacts.startedMono`.
   *
   * @param teller with one, most records are short (`shared/reference.ts`) and refer to what it was told
   * @param stage of one that is not over, of which another record tells how it ended. Default: it is over
   */
  encodeBytes(exchange: Exchange, nowMono: number, teller?: SharedTeller, stage?: RecordStage): Uint8Array;
  /** The same as a string. */
  encodeRecord(exchange: Exchange, nowMono: number, teller?: SharedTeller, stage?: RecordStage): string;
}

/** One a snapshot and worker. The record holds no token and no key, whatever the exchange does. */
export function createRecorder(options: RecorderOptions): Recorder {
  const encoder = new RecordEncoder(options);
  return {
    encodeBytes: (exchange, nowMono, teller, stage) => encoder.encode(exchange, nowMono, teller, stage),
    encodeRecord: (exchange, nowMono, teller, stage) =>
      encoder.encode(exchange, nowMono, teller, stage).toString("utf8"),
  };
}

class RecordEncoder {
  readonly #json = new JsonWriter(maxRecordBytes);
  readonly #origin: Uint8Array;
  readonly #redaction: RecordRedaction;
  readonly #iso = new IsoWriter();
  readonly #principals: PrincipalWriter;
  readonly #routes = new RouteWriter();
  readonly #handovers = new HandoverWriter();
  readonly #upstreams = new UpstreamWriter();
  readonly #short: ShortWriter;

  constructor(options: RecorderOptions) {
    this.#origin = originOf(options);
    this.#redaction = new RecordRedaction(options.redactQuery, options.redaction ?? createRedaction(noRedaction));
    this.#principals = new PrincipalWriter(options.redaction);
    this.#short = new ShortWriter(this.#json, this.#redaction, this.#iso);
  }

  encode(
    exchange: Exchange,
    nowMono: number,
    teller: SharedTeller | undefined,
    stage: RecordStage | undefined,
  ): Buffer {
    const json = this.#json;
    const uncut = (): Buffer | null => {
      this.#write(exchange, nowMono, usualLimits, pieces.close);
      return json.overflowed ? null : json.bytes.subarray(0, json.at);
    };
    const close = stage === undefined ? pieces.close : closeStage[stage];
    if (teller === undefined || !this.#short.write(exchange, nowMono, teller, close, uncut)) {
      this.#write(exchange, nowMono, usualLimits, close);
      if (json.overflowed) this.#write(exchange, nowMono, tightLimits, close);
    }
    return json.bytes.subarray(0, json.at);
  }

  #write(exchange: Exchange, nowMono: number, limits: RecordLimits, close: Uint8Array): void {
    const json = this.#json;
    const { facts } = exchange;
    const redaction = this.#redaction;
    redaction.begin(exchange.redacted);
    json.at = 0;
    json.copy(pieces.id);
    json.text(facts.id, 64);
    json.copy(pieces.time);
    this.#iso.write(json, facts.startedAt);
    json.copy(this.#origin);
    this.#principals.write(json, exchange.principal, exchange.groupsAsked, limits);
    json.member(pieces.subscription, exchange.subscription?.id, limits.name);
    json.member(pieces.oldKey, exchange.subscription?.oldKey, 64);
    json.member(pieces.product, exchange.product?.name, limits.name);
    this.#routes.write(json, exchange.route, exchange.api);
    writeRequest(json, exchange, redaction, limits);
    this.#handovers.write(json, exchange, redaction, limits);
    writeOutcome(json, exchange);
    if (exchange.upstream !== null) this.#upstreams.write(json, exchange.upstream, limits, nowMono);
    writeEnd(json, exchange, nowMono, redaction);
    json.copy(close);
  }
}

/** What is the same in every record of a snapshot, from the end of `time` on. */
function originOf({ environment, node, configHash }: RecorderOptions): Uint8Array {
  const values = [environment, node, configHash].map((value) => JSON.stringify(bounded(value, 128)));
  return new TextEncoder().encode(`","environment":${values[0]},"node":${values[1]},"configHash":${values[2]}`);
}

const pieces = {
  id: piece('{"id":'),
  time: piece(`,"schema":${recordSchema},"time":"`),
  subscription: piece(',"subscription":'),
  oldKey: piece(',"oldKey":'),
  product: piece(',"product":'),
  close: piece("}"),
} as const;

const closeStage: Readonly<Record<RecordStage, Uint8Array>> = {
  open: piece(',"stage":"open"}'),
  intent: piece(',"stage":"intent"}'),
};
