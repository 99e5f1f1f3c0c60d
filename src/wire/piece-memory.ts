import { Buffer } from "node:buffer";

/** A piece with what frames it: a read of a clear socket is 64 KiB. */
export const pieceBytes: number = 64 * 1024 + 256;
/** Kept for use again by a thread: 4 MiB. */
const mostFree = 64;

/** The one that was used last goes out first: it is in a cache. */
const free: Buffer[] = [];

/** Memory of {@link pieceBytes} that is used again: new memory would be cleared by the kernel first, and has V8 collect all the time. */
export function takeMemory(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(pieceBytes);
}

/** Nobody reads it any more. What is never given back is collected. */
export function giveMemory(memory: Buffer): void {
  if (free.length < mostFree) free.push(memory);
}
