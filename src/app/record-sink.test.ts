import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Recorder } from "#audit/record.ts";
import type { Exchange } from "#model/exchange.ts";
import { attachRingReader } from "#threads/ring-reader.ts";
import { createRing } from "#threads/ring.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";
import { RecordSink } from "./record-sink.ts";

const clock = { now: () => 0, mono: () => 0 };
const log = { info: () => {}, warn: () => {}, error: () => {} };

/** A recorder double: numbered records of one size, so that what comes out can be counted. */
function numbered(): Recorder {
  let count = 0;
  const encodeRecord = (): string => String((count += 1)).padStart(900, " ");
  return { encodeRecord, encodeBytes: () => Buffer.from(encodeRecord()) };
}

describe("RecordSink", () => {
  it("keeps every record, in order, when the writer falls behind, and says when to refuse and to drop", async () => {
    const ring = createRing({ bytes: 4096 });
    const reader = attachRingReader(ring);
    const sink = new RecordSink(attachRingWriter(ring), clock, log, { refuseFrom: 1000 });
    // A record that finds the ring full is encoded once more, as text: only what comes out counts.
    const events = sink.under(numbered());
    const seen: string[] = [];
    for (let n = 0; n < 1100; n += 1) events.finished({} as Exchange);
    assert.equal(sink.admission, "refuse");
    for (let n = 0; n < 1100; n += 1) events.finished({} as Exchange);
    assert.equal(sink.admission, "drop");
    while (seen.length < 2200) {
      reader.drain(64, (bytes, start, end) => seen.push(bytes.toString("utf8", start, end).trim()));
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.equal(sink.admission, "take");
    assert.equal(seen.length, 2200);
    const numbers = seen.map(Number);
    assert.deepEqual(
      numbers,
      numbers.toSorted((left, right) => left - right),
    );
  });
});
