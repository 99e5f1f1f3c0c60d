import { Buffer } from "node:buffer";
import { createPrivateKey } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { type CheckpointSigner, createSigner } from "#audit/merkle/checkpoint.ts";
import type { RecordFeed, TakeRecord } from "#audit/feed.ts";
import {
  openSegmentWriter,
  type SegmentWriter,
  type UntakenSegments,
  type WriterProblem,
} from "#audit/segment-writer.ts";
import { runWriter } from "#audit/writer-loop.ts";
import { GatewayError } from "#model/errors.ts";
import { createClock } from "#threads/clock.ts";
import { Doorbell } from "#threads/doorbell.ts";
import type { SharedRing } from "#threads/ring.ts";
import { attachRingReader, type RingReader } from "#threads/ring-reader.ts";
import type { AuditStart, AuditStatus, FromAuditThread, ToAuditThread } from "./audit-messages.ts";

/** Entry of the audit writer thread: every worker's ring into one chain, one file, with synchronous I/O. */
const start = workerData as AuditStart;
const statusEveryMs = 1000;
const clock = createClock();
const stop = new AbortController();
const feeds: RingFeed[] = [];
let isSyncWanted = false;
/** Ends the pause of the loop, while it has one. */
let resume: (() => void) | undefined;
const bell = new Doorbell(start.bell);

const say = (message: FromAuditThread): void => parentPort?.postMessage(message);

/** A ring never loses a record: a full one makes its worker wait. */
class RingFeed implements RecordFeed {
  readonly generation: number;
  readonly reader: RingReader;
  retired = false;

  constructor(generation: number, ring: SharedRing) {
    this.generation = generation;
    this.reader = attachRingReader(ring);
  }

  drain(max: number, each: TakeRecord): number {
    return this.reader.drain(max, each);
  }

  takeLost(): number {
    return 0;
  }

  publishDurable(records: number): void {
    this.reader.publishDurable(records);
  }

  publishFailed(failed: boolean): void {
    this.reader.publishFailed(failed);
  }
}

function open(): SegmentWriter | undefined {
  try {
    const { directory, node, segmentBytes, retention, heldFrom } = start;
    const onProblem = (problem: WriterProblem): void => say({ type: "problem", ...problem });
    const onCheckpoint = (note: string): void => say({ type: "checkpoint", note });
    const onUntaken = (gone: UntakenSegments): void => say({ type: "untaken", gone });
    const told = { onProblem, onCheckpoint, onUntaken };
    const kept = { segmentBytes, retention, heldFrom };
    return openSegmentWriter({ directory, node, ...kept, clock, ...told, signer: signerOf(start) });
  } catch (error) {
    const code = error instanceof GatewayError ? error.code : "audit-unavailable";
    say({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function signerOf({ key: { name, pkcs8 } }: AuditStart): CheckpointSigner {
  return createSigner(name, createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }));
}

function statusOf(from: SegmentWriter): AuditStatus {
  const { head, segment, pendingBytes, lost, failing } = from.status();
  return { sequence: head.seq, segment, pendingBytes, lost, failing };
}

/** Feeds of dead workers go once they are empty. */
function dropRetired(): void {
  for (let at = feeds.length - 1; at >= 0; at -= 1) {
    const feed = feeds[at];
    if (feed?.retired === true && feed.reader.isEmpty) feeds.splice(at, 1);
  }
}

parentPort?.on("message", (message: ToAuditThread) => {
  if (message.type === "ring") feeds.push(new RingFeed(message.generation, message.ring));
  else if (message.type === "stop") end();
  else if (message.type === "sync") wantSync();
  else if (message.type === "hold") writer?.hold(message.from);
  else retire(message.generation, message.crashed);
});

function end(): void {
  stop.abort();
  wake();
}

function wantSync(): void {
  isSyncWanted = true;
  wake();
}

function wake(): void {
  resume?.();
  bell.ring();
}

/** A timer and a promise, twenty times a second also while nothing comes. */
function pause(timeoutMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  resume = () => {
    clearTimeout(timer);
    resolve();
  };
  return promise;
}

function retire(generation: number, crashed: boolean): void {
  for (const feed of feeds) if (feed.generation === generation) feed.retired = true;
  if (crashed) writer?.noteGap("worker-ended");
}

const writer = open();
if (writer !== undefined) {
  say({ type: "open" });
  const { flushMs, syncMs, durability } = start;
  const hasWork = (): boolean => stop.signal.aborted || feeds.some(({ reader }) => !reader.isEmpty);
  const telling = setInterval(() => say({ type: "status", status: statusOf(writer) }), statusEveryMs);
  const waitForMore = (timeoutMs: number): Promise<void> | void => {
    dropRetired();
    if (isSyncWanted) return undefined;
    // Batched, nobody rings: it would cost each worker a system call a turn.
    return durability === "strict" && !writer.status().failing ? bell.sleep(hasWork, timeoutMs) : pause(timeoutMs);
  };
  const takeSyncWanted = (): boolean => {
    const wanted = isSyncWanted;
    isSyncWanted = false;
    return wanted;
  };
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  // A timer of the event loop knows whole milliseconds only.
  const rest = (forMs: number): void => void Atomics.wait(nobody, 0, 0, forMs);
  const waiter = { waitForMore, rest };
  const { signal } = stop;
  const pace = { flushMs, syncMs, durability, isSyncWanted: takeSyncWanted };
  await runWriter({ feeds, waiter, writer, clock, ...pace, signal });
  clearInterval(telling);
}
parentPort?.close();
