import { Buffer } from "node:buffer";
import { type OnDamage, openSegment, type SegmentText } from "./segment-text.ts";
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

const chunkBytes = 1024 * 1024;
/** Far above any record; a file without line breaks costs no more memory than this. */
export const maxLineBytes: number = 64 * 1024;
const lineBreak = 0x0a;

/**
 * Reads a segment line by line in chunks of 1 MiB, whatever its size. Lines are judged in memory that is used again, and
 * between chunks others run: a chunk is a few milliseconds of work. A line longer than 64 KiB ends the scan as `rest`.
 * Where a compressed segment is damaged, {@link OnDamage} says what happens.
 */
export async function scanLines(segment: Segment, onLine: OnLine, onDamage?: OnDamage): Promise<ScanResult> {
  const text = await openSegment(segment, onDamage);
  try {
    return await scan(text, onLine);
  } finally {
    await text.close();
  }
}

async function scan(text: SegmentText, onLine: OnLine): Promise<ScanResult> {
  // One byte in front, which saves whoever hashes the first line a copy.
  const buffer = Buffer.allocUnsafe(1 + chunkBytes + maxLineBytes);
  let held = 0;
  let lines = 0;
  let bytes = 0;
  for (;;) {
    const read = await text.read(buffer, 1 + held, chunkBytes, bytes);
    if (read === 0) return { lines, rest: held, bytes, stopped: false };
    bytes += read;
    const filled = 1 + held + read;
    let start = 1;
    for (let end = nextBreak(buffer, 1 + held, filled); end >= 0; end = nextBreak(buffer, start, filled)) {
      lines += 1;
      if (!onLine(buffer, start, end, lines)) return { lines, rest: 0, bytes, stopped: true };
      start = end + 1;
    }
    buffer.copyWithin(1, start, filled);
    held = filled - start;
    if (held > maxLineBytes) return { lines, rest: held, bytes, stopped: false };
  }
}

function nextBreak(buffer: Buffer, from: number, filled: number): number {
  const at = buffer.indexOf(lineBreak, from);
  return at < filled ? at : -1;
}
