import { Buffer } from "node:buffer";
import { type FileHandle, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { segmentName } from "#audit/segment-name.ts";
import { expandFrame } from "#audit/zstd/frame.ts";
import { checkOf, type FrameIndex, frameAt, type FramePlace, footerBytes } from "#audit/zstd/frame-index.ts";
import { indexBytes, readIndex } from "#audit/zstd/frame-index.ts";
import { walkFrames } from "#audit/zstd/walk-frames.ts";
import { damageOf, segmentDamage } from "#audit/zstd/segment-damage.ts";
import { readRange } from "./read-range.ts";
import type { Segment } from "./segments.ts";

/** The lines of a segment, in whichever form it is kept. Offsets are those of the lines as they were written. */
export interface SegmentText {
  /** Bytes there are now: a segment that is written to grows, and of a damaged one some may not be found. */
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
    return new FramedText(file, await framesOf(file), onDamage);
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Frames {
  readonly index: FrameIndex;
  /** What is behind the last frame that was found. */
  readonly damage?: unknown;
}

async function framesOf(file: FileHandle): Promise<Frames> {
  const { size } = await file.stat();
  try {
    const bytes = indexBytes(await rangeOf(file, Math.max(0, size - footerBytes), footerBytes), size);
    return { index: readIndex(await rangeOf(file, size - bytes, bytes), size) };
  } catch (damage) {
    if (damageOf(damage) === undefined) throw damage;
    return { index: await walkFrames((offset, length) => rangeOf(file, offset, length), size), damage };
  }
}

async function rangeOf(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  return readRange(new PlainText(file), offset, length);
}

const lineBreak = 0x0a;

class FramedText implements SegmentText {
  readonly #file: FileHandle;
  readonly #index: FrameIndex;
  readonly #damage: unknown;
  readonly #onDamage: OnDamage;
  /** The one that was read last: windows of readers do not end where frames do. */
  #number = -1;
  #text: Buffer = Buffer.alloc(0);

  constructor(file: FileHandle, { index, damage }: Frames, onDamage: OnDamage) {
    this.#file = file;
    this.#index = index;
    this.#damage = damage;
    this.#onDamage = onDamage;
  }

  size(): Promise<number> {
    return Promise.resolve(this.#index.size);
  }

  /** Gives what is left of one frame at most: between two of them others run. */
  async read(target: Buffer, at: number, length: number, offset: number): Promise<number> {
    const frame = frameAt(this.#index, offset);
    if (frame === undefined) {
      if (this.#damage !== undefined && this.#onDamage === "fail") throw this.#damage;
      return 0;
    }
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
      if (this.#damage === undefined && checkOf(frame) !== this.#index.checks[number]) {
        throw segmentDamage("segment-damaged", `frame ${number + 1} is not as it was written`);
      }
      return expandFrame(frame, textBytes);
    } catch (error) {
      if (damageOf(error) === undefined || this.#onDamage === "fail") throw error;
      return Buffer.alloc(textBytes, lineBreak);
    }
  }
}
