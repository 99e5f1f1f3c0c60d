import type { Buffer } from "node:buffer";
import { type OnDamage, openSegment, type SegmentText } from "./segment-text.ts";
import type { Segment } from "./segments.ts";

const chunkBytes = 1024 * 1024;
/** Far above any record; a file without line breaks costs no more memory than this. */
export const maxLineBytes: number = 64 * 1024;
/** Memory that a window takes. */
export const windowBytes: number = chunkBytes + maxLineBytes;
const lineBreak = 0x0a;

/** Where windows are read into. */
export interface WindowPlace {
  readonly buffer: Buffer;
  /** From here on, {@link windowBytes} of it. */
  readonly from: number;
}

/**
 * Called with each window, which ends at `filled`; no line ends in front of `fresh`. @returns where the first line begins
 * that is not whole; null stops
 */
export type OnWindow = (fresh: number, filled: number) => number | null;

export interface WindowsRead {
  /** Bytes after the last line break. */
  readonly rest: number;
  readonly bytes: number;
  readonly stopped: boolean;
}

/** Reads a segment in windows that begin with a line. */
export async function readWindows(
  segment: Segment,
  place: WindowPlace,
  onDamage: OnDamage | undefined,
  onWindow: OnWindow,
): Promise<WindowsRead> {
  const text = await openSegment(segment, onDamage);
  try {
    return await read(text, place, onWindow);
  } finally {
    await text.close();
  }
}

async function read(text: SegmentText, { buffer, from }: WindowPlace, onWindow: OnWindow): Promise<WindowsRead> {
  let held = 0;
  let bytes = 0;
  for (;;) {
    const taken = await text.read(buffer, from + held, chunkBytes, bytes);
    if (taken === 0) return { rest: held, bytes, stopped: false };
    bytes += taken;
    const filled = from + held + taken;
    const start = onWindow(from + held, filled);
    if (start === null) return { rest: 0, bytes, stopped: true };
    buffer.copyWithin(from, start, filled);
    held = filled - start;
    if (held > maxLineBytes) return { rest: held, bytes, stopped: false };
  }
}

/** Where the next line ends; -1: not in this window. */
export function nextBreak(buffer: Buffer, from: number, filled: number): number {
  const at = buffer.indexOf(lineBreak, from);
  return at < filled ? at : -1;
}
