import { type FileHandle, open, rename, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { readRange } from "#audit/read/read-range.ts";
import { openFrames, openSegment, type SegmentText } from "#audit/read/segment-text.ts";
import { segmentAt } from "#audit/read/segments.ts";
import { segmentName } from "#audit/segment-name.ts";
import { compressFrame, usualFrameBytes } from "#audit/zstd/frame.ts";
import { checkOf, maxFrames, writeIndex, type WrittenFrame } from "#audit/zstd/frame-index.ts";
import { syncFolder } from "#lib/durable-file.ts";

/** A file that a crash left half written is known by it. */
export const temporaryShape: RegExp = /^\.\d{8,15}\.jsonl\.zst\.tmp$/;

export interface CompressOptions {
  readonly directory: string;
  /** Nothing is written to it any more. */
  readonly segment: number;
  /** Default 256 KiB. */
  readonly frameBytes?: number;
  readonly signal?: AbortSignal;
}

/** What a segment takes in the one form and in the other. */
export interface Compressed {
  readonly textBytes: number;
  readonly bytes: number;
}

/**
 * Puts a segment into frames of zstd. At every moment one form of it at least is whole, on the disk and under its name;
 * while there are both, the lines as they were written count. They go only when what the other file expands to was
 * read and is the same, byte for byte.
 *
 * @returns null: it was retired meanwhile, is too large, or the signal came
 */
export async function compressSegment(options: CompressOptions): Promise<Compressed | null> {
  const { directory, segment, frameBytes = usualFrameBytes, signal } = options;
  const temporary = join(directory, `.${segmentName(segment, "zstd")}.tmp`);
  const text = await openSegment(segmentAt(directory, segment, "text"), "fail");
  try {
    const textBytes = await text.size();
    if (textBytes === 0 || textBytes > maxFrames * frameBytes) return null;
    const bytes = await writeFrames(text, textBytes, frameBytes, temporary, signal);
    if (signal?.aborted === true) return null;
    if (!(await isSame(temporary, text, frameBytes))) throw new Error(`${temporary} is not what was written there`);
    await rename(temporary, join(directory, segmentName(segment, "zstd")));
    await syncFolder(directory);
    return (await dropText(directory, segment)) ? { textBytes, bytes } : null;
  } finally {
    await text.close();
    await rm(temporary, { force: true });
  }
}

/** @returns bytes of the file, which is on the disk; of no use when the signal came */
async function writeFrames(
  text: SegmentText,
  size: number,
  frameBytes: number,
  path: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  await rm(path, { force: true });
  const file = await open(path, "wx", 0o600);
  try {
    const frames: WrittenFrame[] = [];
    for (let at = 0; at < size; at += frameBytes) {
      if (signal?.aborted === true) return 0;
      frames.push(await writeFrame(file, await readRange(text, at, Math.min(frameBytes, size - at))));
    }
    const index = writeIndex(frames);
    await file.writeFile(index);
    await file.sync();
    return frames.reduce((sum, { bytes }) => sum + bytes, index.length);
  } finally {
    await file.close();
  }
}

async function writeFrame(file: FileHandle, text: Buffer): Promise<WrittenFrame> {
  const frame = compressFrame(text);
  await file.writeFile(frame);
  return { bytes: frame.length, textBytes: text.length, check: checkOf(frame) };
}

/** @throws GatewayError `segment-damaged`, `segment-oversized` */
async function isSame(path: string, text: SegmentText, windowBytes: number): Promise<boolean> {
  const frames = await openFrames(path, "fail");
  try {
    const size = await text.size();
    if ((await frames.size()) !== size) return false;
    for (let at = 0; at < size; at += windowBytes) {
      const [one, other] = [await readRange(frames, at, windowBytes), await readRange(text, at, windowBytes)];
      if (!one.equals(other)) return false;
    }
    return true;
  } finally {
    await frames.close();
  }
}

/**
 * Goes on where a crash came between the two forms.
 * @throws Error when they differ: whoever can write there has put one of them there, and both stay
 */
export async function dropTextIfSame(directory: string, segment: number): Promise<void> {
  const text = await openSegment(segmentAt(directory, segment, "text"), "fail");
  try {
    const path = join(directory, segmentName(segment, "zstd"));
    if (!(await isSame(path, text, usualFrameBytes))) throw new Error(`${path} differs from what it was made of`);
  } finally {
    await text.close();
  }
  await dropText(directory, segment);
}

/** @returns false: it was retired meanwhile, and so is the form that was about to take its place */
async function dropText(directory: string, segment: number): Promise<boolean> {
  try {
    await unlink(join(directory, segmentName(segment)));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await rm(join(directory, segmentName(segment, "zstd")), { force: true });
    return false;
  } finally {
    await syncFolder(directory);
  }
}
