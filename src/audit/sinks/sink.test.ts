import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { compressSegment } from "#audit/compress/compress-segment.ts";
import { segmentName } from "#audit/segment-name.ts";
import { CursorFile } from "./cursor-file.ts";
import type { Delivered, SentRecord } from "./delivery.ts";
import { Sink, type SinkNews, type SinkOptions } from "./sink.ts";

const taken: Delivered = { outcome: "taken", rejected: 0, why: null };
const away: Delivered = { outcome: "retry", why: "the receiver answered 503" };

/** A line as long as it has to be for what reads it here. */
function line(seq: number, more: object = {}): string {
  const hash = seq.toString(16).padStart(64, "0");
  const event = { event: "test", principal: {}, details: {}, time: new Date(seq).toISOString() };
  return `${JSON.stringify({ id: `r${seq}`, ...event, ...more, seq, prev: "", hash })}\n`;
}

describe("a sink of the record", () => {
  let folder: string;
  let sent: string[][];
  let news: SinkNews[];
  let answers: Delivered[];
  let sinks: Sink[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-sink-"));
    [sent, news, answers, sinks] = [[], [], [], []];
  });
  afterEach(async () => {
    await Promise.all(sinks.map((sink) => sink.close(false)));
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (segment: number, ...seqs: number[]): void =>
    writeFileSync(join(folder, segmentName(segment)), seqs.map((seq) => line(seq)).join(""), { flag: "a" });
  const open = (options: Partial<SinkOptions> = {}): Sink => {
    const sink = new Sink({
      directory: folder,
      cursor: new CursorFile(join(folder, "cursors"), "one"),
      from: "oldest",
      matches: () => true,
      textOf: (record) => record.line,
      deliver: async (records: readonly SentRecord[]) => {
        sent.push(records.map(({ record }) => record.id));
        return answers.shift() ?? taken;
      },
      most: { records: 3, bytes: 4096 },
      everyMs: 5,
      clock: { now: Date.now, mono: () => performance.now() },
      random: () => 0,
      onNews: (one) => news.push(one),
      firstPauseMs: 5,
      ...options,
    });
    sinks.push(sink);
    return sink;
  };
  const until = async (isSo: () => boolean): Promise<void> => {
    for (let tries = 0; !isSo(); tries += 1) {
      if (tries > 400) throw new Error(`not within 2 s: ${JSON.stringify({ sent, news })}`);
      await sleep(5);
    }
  };

  it("gives batches in order over segments, and goes on where it was", async () => {
    write(1, 1, 2, 3, 4);
    write(2, 5);
    const sink = open();
    await until(() => sent.flat().length === 5);
    assert.deepEqual(sent, [["r1", "r2", "r3"], ["r4"], ["r5"]]);
    await sink.close(true);
    write(2, 6);
    open();
    await until(() => sent.flat().length > 5);
    assert.deepEqual(sent.flat().slice(5), ["r6"]);
  });

  it("tries a batch until it is taken, and moves no further before", async () => {
    write(1, 1, 2);
    answers.push(away, away);
    const sink = open();
    await until(() => sent.length === 3);
    assert.deepEqual(sent, [
      ["r1", "r2"],
      ["r1", "r2"],
      ["r1", "r2"],
    ]);
    await until(() => news.some(({ type }) => type === "taken"));
    answers.push(...Array.from({ length: 1000 }, () => away));
    write(1, 3);
    await until(() => sent.length > 3);
    await sink.close(true);
    answers = [];
    sent = [];
    open();
    await until(() => sent.length === 1);
    assert.deepEqual(sent, [["r3"]]);
  });

  it("halves what is too large for the receiver", async () => {
    write(1, 1, 2, 3);
    answers.push({ outcome: "too-large", why: "413" });
    open();
    await until(() => sent.length === 3);
    assert.deepEqual(sent, [["r1", "r2", "r3"], ["r1", "r2"], ["r3"]]);
  });

  it("begins with what comes, and leaves out what does not match", async () => {
    write(1, 1, 2);
    const sink = open({ from: "now", matches: ({ id }) => id !== "r3" });
    await until(() => news.length > 0);
    write(1, 3, 4);
    await until(() => sent.length > 0);
    assert.deepEqual(sent, [["r4"]]);
    await sink.close(true);
  });

  it("sends a segment again whose end was lost in a crash", async () => {
    write(1, 1, 2, 3);
    await (async () => {
      const sink = open();
      await until(() => sent.length === 1);
      await sink.close(true);
    })();
    const file = join(folder, segmentName(1));
    truncateSync(file, statSync(file).size - line(3).length);
    write(1, 30, 31);
    sent = [];
    open();
    await until(() => sent.flat().includes("r31"));
    assert.deepEqual(sent.flat(), ["r1", "r2", "r30", "r31"]);
    assert.ok(news.some((one) => one.type === "failed" && one.why.includes("not as it was")));
  });

  it("goes on when its segment is gone, and over what is no line", async () => {
    write(1, 1);
    await (async () => {
      const sink = open();
      await until(() => sent.length === 1);
      await sink.close(true);
    })();
    rmSync(join(folder, segmentName(1)));
    writeFileSync(join(folder, segmentName(3)), `rubbish\n{"kind":"closed","seq":8}\n${line(9)}half a li`);
    open();
    await until(() => sent.flat().includes("r9"));
    assert.deepEqual(sent.flat(), ["r1", "r9"]);
  });

  it("says which segment it has come to, once that is kept", async () => {
    write(1, 1, 2);
    write(2, 3);
    answers = [away, away];
    open();
    const places = (): readonly number[] => news.flatMap((one) => (one.type === "at" ? [one.segment] : []));
    while (sent.length < 2) await sleep(2);
    assert.deepEqual(places(), [0], "what was not taken holds the segment");
    while (places().at(-1) !== 2) await sleep(2);
    assert.deepEqual(places(), [0, 1, 2]);
    assert.equal((await new CursorFile(join(folder, "cursors"), "one").read())?.segment, 2);
  });

  it("goes on in the middle of a segment that was compressed meanwhile", async () => {
    write(1, 1, 2, 3, 4, 5, 6, 7);
    write(2, 8);
    answers = [taken, ...Array.from({ length: 5 }, () => away)];
    const sink = open();
    while (sent.length < 3) await sleep(2);
    await sink.close(false);
    assert.ok((await compressSegment({ directory: folder, segment: 1, frameBytes: 300 })) !== null);
    [sent, answers] = [[], []];
    open();
    while (sent.flat().length < 5) await sleep(2);
    assert.deepEqual(sent.flat(), ["r4", "r5", "r6", "r7", "r8"]);
  });
});
