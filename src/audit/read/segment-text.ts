import { Buffer } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { segmentName } from "#audit/segment-name.ts";
import { expandFrame } from "#audit/zstd/frame.ts";
import { checkOf, type FrameIndex, frameAt, type FramePlace, footerBytes } from "#audit/zstd/frame-index.ts";
import { indexBytes, readIndex } from "#audit/zstd/frame-index.ts";
import { damageOf, segmentDamage } from "#audit/zstd/segment-damage.ts";
import { readRange } from "./read-range.ts";
import type { Segment } from "./segments.ts";

/** The lines of a segment, in whichever form it is kept. Offsets are those of the lines as they were written. */
export interface SegmentText {
  /** Bytes there are now: a segment that is written to grows. */
  size(): Promise<number>;
  /** Puts up to `length` bytes from `offset` on into `target`, from `at` on. @returns how many; 0: there are no more */
  read(target: Buffer, at: number, length: number, offset: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * What to do where a compressed segment is damaged. `blank`: nothing but line breaks stand there, so that whoever asks
 * of the rest gets it. `fail`: reading it rejects with a GatewayError `segment-damaged` or `segment-oversized`.
 */
export type OnDamage = "blank" | "fail";

/** @throws Error `ENOENT` when it is there in neither form */
export async function openSegment({ number, form, path }: Segment, onDamage: OnDamage = "blank"): Promise<SegmentText> {
  if (form === "zstd") return openFrames(path, onDamage);
  try {
    return new PlainText(await open(path, "r"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    // It was compressed since the folder was listed.
    return openFrames(join(dirname(path), segmentName(number, "zstd")), onDamage);
  }
}

/** Does something with a segment's text, and closes it. */
export async function withSegment<T>(segment: Segment, work: (text: SegmentText) => Promise<T>): Promise<T> {
  const text = await openSegment(segment);
  try {
    return await work(text);
  } finally {
    await text.close();
  }
}

class PlainText implements SegmentText {
  readonly #file: FileHandle;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async size(): Promise<number> {
    return (await this.#file.stat()).size;
  }

  async read(target: Buffer, at: number, length: number, offset: number): Promise<number> {
    return (await this.#file.read(target, at, length, offset)).bytesRead;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** A compressed segment, wherever it lies. */
export async function openFrames(path: string, onDamage: OnDamage): Promise<SegmentText> {
  const file = await open(path, "r");
  try {
    return new FramedText(file, await indexOf(file), onDamage);
  } catch (error) {
    if (damageOf(error) !== undefined && onDamage === "blank") return new FramedText(file, noIndex, onDamage);
    await file.close();
    throw error;
  }
}

/** Of a file whose frames cannot be found. */
const noIndex: FrameIndex = { size: 0, frameBytes: 1, offsets: [0], checks: [] };

async function indexOf(file: FileHandle): Promise<FrameIndex> {
  const { size } = await file.stat();
  const bytes = indexBytes(await rangeOf(file, Math.max(0, size - footerBytes), footerBytes), size);
  return readIndex(await rangeOf(file, size - bytes, bytes), size);
}

async function rangeOf(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  return readRange(new PlainText(file), offset, length);
}

const lineBreak = 0x0a;

class FramedText implements SegmentText {
  readonly #file: FileHandle;
  readonly #index: FrameIndex;
  readonly #onDamage: OnDamage;
  /** The one that was read last: windows of readers do not end where frames do. */
  #number = -1;
  #text: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle, index: FrameIndex, onDamage: OnDamage) {
    this.#file = file;
    this.#index = index;
    this.#onDamage = onDamage;
  }

  size(): Promise<number> {
    return Promise.resolve(this.#index.size);
  }

  /** Gives what is left of one frame at most: between two of them others run. */
  async read(target: Buffer, at: number, length: number, offset: number): Promise<number> {
    const frame = frameAt(this.#index, offset);
    if (frame === undefined) return 0;
    if (frame.number !== this.#number) {
      this.#text = await this.#expand(frame);
      this.#number = frame.number;
    }
    const from = offset - frame.textOffset;
    return this.#text.copy(target, at, from, Math.min(this.#text.length, from + length));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #expand({ number, offset, bytes, textBytes }: FramePlace): Promise<Buffer> {
    try {
      const frame = await rangeOf(this.#file, offset, bytes);
      if (checkOf(frame) !== this.#index.checks[number]) {
        throw segmentDamage("segment-damaged", `frame ${number + 1} is not as it was written`);
      }
      return expandFrame(frame, textBytes);
    } catch (error) {
      if (damageOf(error) === undefined || this.#onDamage === "fail") throw error;
      return Buffer.alloc(textBytes, lineBreak);
    }
  }
}
