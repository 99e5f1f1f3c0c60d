import { Buffer } from "node:buffer";
import type { SegmentText } from "./segment-text.ts";

/** At most `length` bytes from `offset` on; fewer where the text ends. */
export async function readRange(text: Pick<SegmentText, "read">, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const read = await text.read(bytes, filled, length - filled, offset + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}
