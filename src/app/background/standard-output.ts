import { Buffer } from "node:buffer";
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const retryMs = 20;
const descriptor = 1;

/**
 * Writes to standard output from this thread, not through main's: whoever reads slowly holds up nobody else.
 *
 * @throws Error when it is closed, or when the signal comes while nobody reads
 */
export async function writeStandardOutput(lines: string, signal: AbortSignal): Promise<void> {
  const bytes = Buffer.from(lines);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN" || signal.aborted) throw error;
      await sleep(retryMs);
    }
  }
}
