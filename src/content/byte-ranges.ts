import { Buffer } from "node:buffer";
import type { Piece } from "./file-body.ts";
import type { ByteRange } from "./ranges.ts";

/**
 * The pieces of a `multipart/byteranges` body.
 * @see RFC 9110 §14.6
 */
export function multipart(
  ranges: readonly ByteRange[],
  size: number,
  type: string,
  boundary: string,
): readonly Piece[] {
  const parts = ranges.flatMap((range, index): Piece[] => {
    const head = `${index === 0 ? "" : "\r\n"}--${boundary}\r\nContent-Type: ${type}\r\n`;
    return [Buffer.from(`${head}Content-Range: ${contentRange(range, size)}\r\n\r\n`), range];
  });
  return [...parts, Buffer.from(`\r\n--${boundary}--\r\n`)];
}

export function contentRange({ first, last }: ByteRange, size: number): string {
  return `bytes ${first}-${last}/${size}`;
}
