import { Buffer } from "node:buffer";
import type { Socket } from "node:net";

/** Of a piece with what frames it: a read of a clear socket is 64 KiB. */
const pieceBytes = 64 * 1024 + 256;
/** Kept for use again by a thread: 4 MiB. */
const mostFree = 64;

/** The one that was used last goes out first: it is in a cache. */
const free: Buffer[] = [];

/**
 * Writes a piece of a body with what frames it, all in one, from memory that is used again: new memory for each piece would
 * be cleared by the kernel first, and has V8 collect all the time.
 * @param piece its memory is the caller's again afterwards @param before latin1 @param behind latin1
 * @returns as `write` of a stream
 */
export function writeLent(socket: Socket, before: string, piece: Uint8Array, behind: string): boolean {
  const length = before.length + piece.byteLength + behind.length;
  const isUsual = length <= pieceBytes;
  const memory = isUsual ? (free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)) : Buffer.allocUnsafeSlow(length);
  if (before !== "") memory.write(before, 0, "latin1");
  memory.set(piece, before.length);
  if (behind !== "") memory.write(behind, before.length + piece.byteLength, "latin1");
  if (!isUsual) return socket.write(memory);
  return socket.write(memory.subarray(0, length), (error) => {
    // Of a write that failed nobody says whether the system is done with it.
    if (!error && free.length < mostFree) free.push(memory);
  });
}
