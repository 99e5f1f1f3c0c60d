import { Buffer } from "node:buffer";
import type { SegmentText } from "./segment-text.ts";

/** At most `length` bytes from `offset` on, put into `bytes`, or into memory of their own; fewer where the text ends. */
export async function readRange(
  text: Pick<SegmentText, "read">,
  offset: number,
  length: number,
  bytes: Buffer = Buffer.allocUnsafe(length),
): Promise<Buffer> {
  let filled = 0;
  while (filled < length) {
    const read = await text.read(bytes, filled, length - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
