import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Clock } from "#model/ports.ts";
import { type Disk, realDisk } from "#audit/disk.ts";
import type { RecordFeed, TakeRecord } from "#audit/feed.ts";
import { openSegmentWriter, type SegmentWriter, type SegmentWriterOptions } from "#audit/segment-writer.ts";

export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "sallyport-audit-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that moves only when told. */
export class ManualClock implements Clock {
  wall: number = Date.parse("2026-03-01T12:00:00.000Z");
  elapsed = 0;

  now(): number {
    return this.wall + this.elapsed;
  }

  mono(): number {
    return this.elapsed;
  }
}

/** The real disk, that fails where a test says so. */
export class FailingDisk implements Disk {
  failing: "nothing" | "write" | "sync" | "create" = "nothing";
  /** Bytes that a write takes before it fails; Infinity: all that is asked for. */
  room: number = Number.POSITIVE_INFINITY;
  syncs = 0;
  /** What happens meanwhile. */
  duringSync: () => void = () => {};

  create(path: string): number {
    this.#check("create");
    return realDisk.create(path);
  }

  open(path: string): number {
    return realDisk.open(path);
  }

  write(file: number, bytes: Buffer, offset: number): number {
    this.#check("write");
    if (this.room === 0) throw diskFull();
    const taken = realDisk.write(file, bytes.subarray(0, Math.min(bytes.length, offset + this.room)), offset);
    this.room -= taken;
    return taken;
  }

  sync(file: number): void {
    this.#check("sync");
    this.syncs += 1;
    this.duringSync();
    realDisk.sync(file);
  }

  syncFolder(path: string): void {
    realDisk.syncFolder(path);
  }

  close(file: number): void {
    realDisk.close(file);
  }

  remove(path: string): void {
    realDisk.remove(path);
  }

  #check(call: string): void {
    if (this.failing === call) throw diskFull();
  }
}

function diskFull(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
}

/** A feed in memory, in the place of a worker's ring. */
export class MemoryFeed implements RecordFeed {
  readonly waiting: Buffer[] = [];
  lost = 0;
  durable = 0;
  failed = false;

  drain(max: number, each: TakeRecord): number {
    const taken = this.waiting.splice(0, max);
    for (const record of taken) {
      each(record, 0, record.length);
      // A ring uses the slot again at once: whoever kept a view of it sees this.
      record.fill(0);
    }
    return taken.length;
  }

  takeLost(): number {
    const { lost } = this;
    this.lost = 0;
    return lost;
  }

  publishDurable(records: number): void {
    this.durable = records;
  }

  publishFailed(failed: boolean): void {
    this.failed = failed;
  }
}

export function openWriter(directory: string, more: Partial<SegmentWriterOptions> = {}): SegmentWriter {
  return openSegmentWriter({
    directory,
    node: "gw-1",
    segmentBytes: 1024 * 1024,
    clock: new ManualClock(),
    onProblem: () => {},
    ...more,
  });
}

/** A record as a worker writes it, short. `id` is a UUIDv7 of second `second` of 2026-03-01 12:00 UTC. */
export function shortRecord(second: number, rest = ""): Buffer {
  const text =
    `{"id":"${recordId(second)}","schema":2,"time":"2026-03-01T12:00:00.000Z","principal":{"kind":"anonymous"},` +
    `"path":"/orders/${second}${rest}","handovers":[],"decision":"allow","reasons":[],"status":200}`;
  return Buffer.from(text);
}

export function recordId(second: number): string {
  const time = (Date.parse("2026-03-01T12:00:00.000Z") + second * 1000).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${second.toString(16).padStart(12, "0")}`;
}
