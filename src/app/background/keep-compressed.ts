import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import { Compressor } from "#audit/compress/compressor.ts";

/** A segment that was closed is compressed this long after at most. */
const pauseMs = 5000;

/** Compresses the segments that are closed until the signal. */
export async function keepCompressed(
  directory: string,
  signal: AbortSignal,
  onProblem: (message: string) => void,
): Promise<void> {
  const compressor = new Compressor({ directory, signal, onProblem });
  await compressor.sweep();
  while (!signal.aborted) {
    if ((await compressor.next()) !== null) await setImmediate();
    else await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
