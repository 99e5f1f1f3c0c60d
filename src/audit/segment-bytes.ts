import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { type SegmentForm, segmentName } from "./segment-name.ts";
import { expandFrame } from "./zstd/frame.ts";
import { checkOf, footerBytes, frameAt, type FrameIndex, indexBytes, readIndex } from "./zstd/frame-index.ts";
import { damageOf } from "./zstd/segment-damage.ts";

/**
 * The lines of a segment in whichever form it is kept, read synchronously: for the writer, which starts and tends
 * before and between what it writes. What is damaged of a compressed one reads as nothing.
 */
export interface SegmentBytes {
  readonly form: SegmentForm;
  readonly size: number;
  /** Fewer where the text ends. */
  read(offset: number, length: number): Buffer;
}

/** @throws Error `ENOENT` when it is there in neither form */
export function withSegmentBytes<T>(directory: string, segment: number, work: (bytes: SegmentBytes) => T): T {
  const { file, form } = openEither(directory, segment);
  try {
    const { size } = fstatSync(file);
    if (form === "zstd") return work(framed(file, size));
    return work({ form, size, read: (offset, length) => readAt(file, offset, length) });
  } finally {
    closeSync(file);
  }
}

function openEither(directory: string, segment: number): { readonly file: number; readonly form: SegmentForm } {
  try {
    return { file: openSync(join(directory, segmentName(segment)), "r"), form: "text" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    return { file: openSync(join(directory, segmentName(segment, "zstd")), "r"), form: "zstd" };
  }
}

function readAt(file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const read = readSync(file, bytes, at, length - at, offset + at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

function framed(file: number, fileBytes: number): SegmentBytes {
  const index = orNothing(() => {
    const footer = readAt(file, Math.max(0, fileBytes - footerBytes), footerBytes);
    const bytes = indexBytes(footer, fileBytes);
    return readIndex(readAt(file, fileBytes - bytes, bytes), fileBytes);
  });
  return {
    form: "zstd",
    size: index?.size ?? 0,
    read: (offset, length) => (index === undefined ? Buffer.alloc(0) : readFrames(file, index, offset, length)),
  };
}

function readFrames(file: number, index: FrameIndex, offset: number, length: number): Buffer {
  const parts: Buffer[] = [];
  const end = Math.min(index.size, offset + length);
  for (let at = offset; at < end;) {
    const frame = frameAt(index, at);
    if (frame === undefined) break;
    const bytes = readAt(file, frame.offset, frame.bytes);
    const isWhole = checkOf(bytes) === index.checks[frame.number];
    const text = isWhole ? orNothing(() => expandFrame(bytes, frame.textBytes)) : undefined;
    const from = at - frame.textOffset;
    parts.push((text ?? Buffer.alloc(frame.textBytes, "\n")).subarray(from, from + end - at));
    at = frame.textOffset + frame.textBytes;
  }
  return Buffer.concat(parts);
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (damageOf(error) === undefined) throw error;
    return undefined;
  }
}
