import type { Exchange } from "#model/exchange.ts";
import type { StoredRecord } from "#model/record.ts";
import { createRecorder, type Recorder, type RecordStage } from "#audit/record.ts";
import type { SegmentWriterOptions } from "#audit/segment-writer.ts";
import { SharedSlots } from "#audit/shared/shared-slots.ts";
import { type SharedBounds, SharedTeller } from "#audit/shared/shared-teller.ts";
import { ManualClock, openWriter, recordId } from "./doubles.ts";
import { passed, person, servedExchange } from "./exchange.ts";
import { readSegments, type WrittenAudit } from "./written-audit.ts";

/** What a worker and the writer thread do to a record, without the ring between them. */
export class ShortWriting {
  readonly recorder: Recorder;
  readonly teller: SharedTeller;
  readonly slots: SharedSlots = new SharedSlots();
  /** How often something was told. */
  told = 0;

  constructor(redactQuery: readonly string[] = [], most?: SharedBounds) {
    this.recorder = createRecorder({ environment: "prod", node: "gw-1", configHash: "c".repeat(64), redactQuery });
    this.teller = new SharedTeller((frame) => {
      this.told += 1;
      return this.slots.take(Buffer.from(frame), 0, frame.length);
    }, most);
  }

  /** In memory of its own. */
  encode(exchange: Exchange, nowMono: number, stage?: RecordStage): Buffer {
    return Buffer.from(this.recorder.encodeBytes(exchange, nowMono, this.teller, stage));
  }
}

export interface ShortAudit extends WrittenAudit {
  /** What each record has to be, whatever form it was written in; the chain adds to it. */
  readonly expected: readonly Partial<StoredRecord>[];
  readonly short: number;
}

/** A closed record of several segments. Most of its records are short, of three people on three ways. */
export function writeShortAudit(
  folder: string,
  records = 60,
  more: Partial<SegmentWriterOptions> = { segmentBytes: 9000 },
): ShortAudit {
  const writing = new ShortWriting();
  const clock = new ManualClock();
  const writer = openWriter(folder, { clock, ...more });
  const people = ["jane", "ümit", 'o"hara'].map((subject) => ({ ...person, id: subject, subject }));
  const expected: Partial<StoredRecord>[] = [];
  let short = 0;
  for (let count = 0; count < records; count += 1) {
    const exchange = exchangeNumber(count);
    exchange.principal = people[count % people.length] ?? person;
    const now = 1003.5 + count / 8;
    const stage = count % 9 === 8 ? "open" : undefined;
    const line = writing.encode(exchange, now, stage);
    if (line.includes('"shared":"')) short += 1;
    const whole = writing.recorder.encodeRecord(exchange, now, undefined, stage);
    expected.push(JSON.parse(whole) as Partial<StoredRecord>);
    writer.append(line, 0, line.length, writing.slots);
    clock.elapsed += 300;
    if (count % 5 === 4) writer.sync();
  }
  writer.close();
  return { folder, segments: readSegments(folder), expected, short };
}

/** Every eleventh is refused, and so written whole; a third go nowhere. Every ninth goes on. */
function exchangeNumber(count: number): Exchange {
  const path = `/orders/${count}`;
  const exchange = servedExchange({
    id: recordId(count),
    startedAt: Date.parse("2026-03-01T12:00:00Z") + count * 1000,
    path,
  });
  exchange.bytesOut = count * 7;
  exchange.trail[1] = passed("identity", "authenticate", count * 3);
  if (count % 3 === 1) exchange.upstream = null;
  if (count % 3 === 2) exchange.facts = { ...exchange.facts, host: "other.example.com", query: "a=1&token=s3cret" };
  if (count % 4 === 3)
    exchange.subscription = { id: "jane-starter", scope: "product:starter", by: "key", oldKey: "k1" };
  if (count % 11 === 10) exchange.refusal = { kind: "refusal", reason: "access-denied" };
  return exchange;
}
