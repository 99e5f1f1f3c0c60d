import { Buffer } from "node:buffer";
import { nextBreak, readWindows, windowBytes } from "./read-windows.ts";
import type { OnDamage } from "./segment-text.ts";
import type { Segment } from "./segments.ts";

/** Called with each line: `bytes` from `start` to `end`, without its break. False stops. */
export type OnLine = (bytes: Buffer, start: number, end: number, line: number) => boolean;

export interface ScanResult {
  /** Whole lines seen. */
  readonly lines: number;
  /** Bytes after the last line break. */
  readonly rest: number;
  readonly bytes: number;
  readonly stopped: boolean;
}

/**
 * Reads a segment line by line in chunks of 1 MiB, whatever its size. Lines are judged in memory that is used again, and
 * between chunks others run: a chunk is a few milliseconds of work. A line longer than 64 KiB ends the scan as `rest`.
 * Where a compressed segment is damaged, {@link OnDamage} says what happens.
 */
export async function scanLines(segment: Segment, onLine: OnLine, onDamage?: OnDamage): Promise<ScanResult> {
  const buffer = Buffer.allocUnsafe(windowBytes);
  let lines = 0;
  const { rest, bytes, stopped } = await readWindows(segment, { buffer, from: 0 }, onDamage, (fresh, filled) => {
    let start = 0;
    for (let end = nextBreak(buffer, fresh, filled); end >= 0; end = nextBreak(buffer, start, filled)) {
      lines += 1;
      if (!onLine(buffer, start, end, lines)) return null;
      start = end + 1;
    }
    return start;
  });
  return { lines, rest, bytes, stopped };
}
