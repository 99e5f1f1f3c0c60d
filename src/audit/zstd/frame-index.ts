import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { maxFrameBytes } from "./frame.ts";
import { segmentDamage } from "./segment-damage.ts";

/**
 * Where the frames of a compressed segment are. The file is Zstandard's seekable format, so `zstd -d` alone gives the
 * text back: frames that stand for `frameBytes` of text each, the last one for the rest; then a skippable frame with the
 * first 8 bytes of each frame's SHA-256, since a decoder takes some bits of a frame for nothing; then the seek table.
 *
 * @see https://github.com/facebook/zstd/blob/dev/contrib/seekable_format/zstd_seekable_compression_format.md
 * @see RFC 8878 §3.1.2 skippable frames
 */
export interface FrameIndex {
  /** Bytes of text. */
  readonly size: number;
  /** Bytes of text that each frame but the last stands for. */
  readonly frameBytes: number;
  /** Where each frame begins, and where the last one ends. */
  readonly offsets: readonly number[];
  /** {@link checkOf} of each; none of a file that has lost them. */
  readonly checks: readonly string[];
}

/** A frame that was written. */
export interface WrittenFrame {
  readonly bytes: number;
  readonly textBytes: number;
  readonly check: string;
}

const checksMagic = 0x184d2a50;
const tableMagic = 0x184d2a5e;
const seekableMagic = 0x8f92eab1;
const headBytes = 8;
const checkBytes = 8;
const rowBytes = 8;
/** Number of rows, a descriptor, the magic number. */
export const footerBytes = 9;
/** 8 GiB of text: larger segments are not compressed. */
export const maxFrames: number = 32_768;

export function checkOf(frame: Uint8Array): string {
  return hash("sha256", frame, "hex").slice(0, 2 * checkBytes);
}

/** What stands behind the frames. */
export function writeIndex(frames: readonly WrittenFrame[]): Buffer {
  const checks = skippable(checksMagic, Buffer.from(frames.map(({ check }) => check).join(""), "hex"));
  const rows = [...frames, { bytes: checks.length, textBytes: 0 }];
  const table = Buffer.alloc(rows.length * rowBytes + footerBytes);
  for (const [at, { bytes, textBytes }] of rows.entries()) {
    table.writeUInt32LE(bytes, at * rowBytes);
    table.writeUInt32LE(textBytes, at * rowBytes + 4);
  }
  table.writeUInt32LE(rows.length, table.length - footerBytes);
  table.writeUInt32LE(seekableMagic, table.length - 4);
  return Buffer.concat([checks, skippable(tableMagic, table)]);
}

function skippable(magic: number, content: Buffer): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt32LE(magic, 0);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}

/**
 * How much of a file's end {@link readIndex} needs.
 * @param footer the last {@link footerBytes} bytes
 * @throws GatewayError `segment-damaged`
 */
export function indexBytes(footer: Buffer, fileBytes: number): number {
  const rows = footer.length === footerBytes ? footer.readUInt32LE(0) : 0;
  const needed = rows * rowBytes + footerBytes + 2 * headBytes + (rows - 1) * checkBytes;
  const isRight = rows >= 2 && rows <= maxFrames + 1 && footer[4] === 0 && footer.readUInt32LE(5) === seekableMagic;
  if (!isRight || needed > fileBytes) throw broken();
  return needed;
}

/**
 * Reads an index strictly: there is one way to write it, so whatever was changed in it is seen.
 * @param end the last {@link indexBytes} bytes of the file
 * @throws GatewayError `segment-damaged`, `segment-oversized`
 */
export function readIndex(end: Buffer, fileBytes: number): FrameIndex {
  const frames = end.readUInt32LE(end.length - footerBytes) - 1;
  const tableAt = headBytes + frames * checkBytes;
  const rowsAt = tableAt + headBytes;
  const isWhole =
    isHead(end, 0, checksMagic, frames * checkBytes) &&
    isHead(end, tableAt, tableMagic, end.length - rowsAt) &&
    end.readUInt32LE(rowsAt + frames * rowBytes) === tableAt &&
    end.readUInt32LE(rowsAt + frames * rowBytes + 4) === 0;
  if (!isWhole) throw broken();
  const frameBytes = end.readUInt32LE(rowsAt + 4);
  if (frameBytes > maxFrameBytes) {
    const message = `its index says that a frame stands for ${frameBytes} bytes of text: ${maxFrameBytes} are the most`;
    throw segmentDamage("segment-oversized", message);
  }
  const offsets = [0];
  const checks: string[] = [];
  for (let at = 0; at < frames; at += 1) {
    const bytes = end.readUInt32LE(rowsAt + at * rowBytes);
    if (bytes > mostBytesOf(frameBytes)) throw segmentDamage("segment-oversized", `a frame of ${bytes} bytes`);
    offsets.push((offsets.at(-1) ?? 0) + bytes);
    checks.push(end.toString("hex", headBytes + at * checkBytes, headBytes + (at + 1) * checkBytes));
    const textBytes = end.readUInt32LE(rowsAt + at * rowBytes + 4);
    const isUsual = at === frames - 1 ? textBytes > 0 && textBytes <= frameBytes : textBytes === frameBytes;
    if (!isUsual) throw broken();
  }
  if (offsets.at(-1) !== fileBytes - end.length) throw broken();
  const last = end.readUInt32LE(rowsAt + (frames - 1) * rowBytes + 4);
  return { size: (frames - 1) * frameBytes + last, frameBytes, offsets, checks };
}

/** What cannot be compressed gets a little longer, and not more. */
function mostBytesOf(textBytes: number): number {
  return textBytes + Math.ceil(textBytes / 128) + 256;
}

function isHead(bytes: Buffer, at: number, magic: number, length: number): boolean {
  return bytes.readUInt32LE(at) === magic && bytes.readUInt32LE(at + 4) === length;
}

function broken(): Error {
  return segmentDamage("segment-damaged", "its index is not as it was written");
}

/** One frame, and the text that it stands for. */
export interface FramePlace {
  readonly number: number;
  /** In the file. */
  readonly offset: number;
  readonly bytes: number;
  /** In the text. */
  readonly textOffset: number;
  readonly textBytes: number;
}

/** The frame that a place of the text is in; undefined behind its end. */
export function frameAt({ size, frameBytes, offsets }: FrameIndex, textOffset: number): FramePlace | undefined {
  if (textOffset >= size) return undefined;
  const number = Math.floor(textOffset / frameBytes);
  const offset = offsets[number] as number;
  const begins = number * frameBytes;
  const textBytes = Math.min(frameBytes, size - begins);
  return { number, offset, bytes: (offsets[number + 1] as number) - offset, textOffset: begins, textBytes };
}
