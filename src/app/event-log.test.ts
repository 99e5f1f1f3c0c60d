import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ControlEvent } from "#model/control-events.ts";
import { attachRingReader } from "#threads/ring-reader.ts";
import { createRing } from "#threads/ring.ts";
import { attachRingWriter } from "#threads/ring-writer.ts";
import { EventLog } from "./event-log.ts";
import { RecordSink } from "./record-sink.ts";

const clock = { now: () => 0, mono: () => 0 };
const stopping: ControlEvent = { event: "gateway.stopping", details: {} };

function setting() {
  const ring = createRing({ bytes: 64 * 1024 });
  const reader = attachRingReader(ring);
  const errors: string[] = [];
  const log = { info: () => {}, warn: () => {}, error: (text: string) => void errors.push(text) };
  let syncs = 0;
  let ids = 0;
  const events = new EventLog({
    sink: new RecordSink(attachRingWriter(ring), clock, log),
    sync: () => void (syncs += 1),
    origin: () => ({ environment: "test", node: "gw", configHash: "c" }),
    newId: () => String((ids += 1)),
    clock,
    log,
    patienceMs: 50,
  });
  return { reader, events, errors, syncs: () => syncs };
}

describe("events of main", () => {
  it("are told to whoever waits when they are on the disk, and in order", async () => {
    const { reader, events, syncs } = setting();
    let isDone = false;
    events.tell({ event: "backup.made", details: { files: 1 } });
    const waiting = events.record(stopping, stopping).then(() => (isDone = true));
    while (syncs() === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([isDone, syncs()], [false, 1]);
    const seen: string[] = [];
    reader.drain(9, (bytes, start, end) => {
      seen.push((JSON.parse(bytes.toString("utf8", start, end)) as { id: string }).id);
    });
    reader.publishDurable(3);
    await waiting;
    assert.deepEqual(seen, ["1", "2", "3"]);
  });

  it("are an error when the disk does not take them, and the log says which", async () => {
    const { events, errors } = setting();
    await assert.rejects(events.record(stopping), { code: "audit-unavailable" });
    assert.equal(errors.length, 1);
  });
});
