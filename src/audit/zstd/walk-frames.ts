import type { Buffer } from "node:buffer";
import { maxFrameBytes } from "./frame.ts";
import { type FrameIndex, maxFrames } from "./frame-index.ts";

/** Gives a part of the file; fewer bytes where it ends. */
export type ReadFile = (offset: number, length: number) => Promise<Buffer>;

const frameMagic = 0xfd2fb528;
/** Magic number, descriptor, and at most four bytes of size: what `compressFrame` makes has no more. */
const headBytes = 9;
const blockHeadBytes = 3;
const checksumBytes = 4;
/** A block is 128 KiB of text at most. More of them in a frame would only cost whoever reads them. */
const mostBlocks = 16;

interface WalkedFrame {
  readonly end: number;
  readonly textBytes: number;
}

/**
 * Finds frames one after the other, of a file that has lost its index: those in front of what is damaged or cut off. They
 * are told by their own checksums then whether they are whole.
 *
 * @see RFC 8878 §3.1.1
 */
export async function walkFrames(read: ReadFile, fileBytes: number): Promise<FrameIndex> {
  const offsets = [0];
  let [size, frameBytes] = [0, 0];
  while (offsets.length <= maxFrames) {
    const frame = await walkFrame(read, offsets.at(-1) ?? 0, fileBytes);
    if (frame === undefined || (frameBytes > 0 && frame.textBytes > frameBytes)) break;
    if (frameBytes === 0) frameBytes = frame.textBytes;
    offsets.push(frame.end);
    size += frame.textBytes;
    // Only the last one is shorter.
    if (frame.textBytes < frameBytes) break;
  }
  return { size, frameBytes: Math.max(1, frameBytes), offsets, checks: [] };
}

async function walkFrame(read: ReadFile, offset: number, fileBytes: number): Promise<WalkedFrame | undefined> {
  const head = await read(offset, headBytes);
  const size = head.length === headBytes && head.readUInt32LE(0) === frameMagic ? contentOf(head) : undefined;
  if (size === undefined || size.textBytes === 0 || size.textBytes > maxFrameBytes) return undefined;
  let at = offset + size.headBytes;
  for (let block = 0; block < mostBlocks; block += 1) {
    const bytes = await read(at, blockHeadBytes);
    if (bytes.length < blockHeadBytes) return undefined;
    const value = bytes.readUIntLE(0, blockHeadBytes);
    const [isLast, type, length] = [(value & 1) === 1, (value >> 1) & 3, value >> 3];
    if (type === 3) return undefined;
    at += blockHeadBytes + (type === 1 ? 1 : length);
    if (isLast)
      return at + checksumBytes > fileBytes ? undefined : { end: at + checksumBytes, textBytes: size.textBytes };
  }
  return undefined;
}

/** With a checksum, in one segment, without a dictionary: as they are written here, and in no other form. */
function contentOf(head: Buffer): { readonly textBytes: number; readonly headBytes: number } | undefined {
  const descriptor = head.readUInt8(4);
  if ((descriptor & 0x3f) !== 0x24) return undefined;
  if (descriptor >> 6 === 0) return { textBytes: head.readUInt8(5), headBytes: 6 };
  if (descriptor >> 6 === 1) return { textBytes: head.readUInt16LE(5) + 256, headBytes: 7 };
  return descriptor >> 6 === 2 ? { textBytes: head.readUInt32LE(5), headBytes: 9 } : undefined;
}
