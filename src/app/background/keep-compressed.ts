import { setTimeout as sleep } from "node:timers/promises";
import { Compressor } from "#audit/compress/compressor.ts";

/** A segment that was closed is compressed this long after at most. */
const pauseMs = 5000;
/** Between two of many: the disk is the writer's in the first place. */
const breathMs = 100;

/** Compresses the segments that are closed until the signal. */
export async function keepCompressed(
  directory: string,
  signal: AbortSignal,
  onProblem: (message: string) => void,
): Promise<void> {
  const compressor = new Compressor({ directory, signal, onProblem });
  await compressor.sweep();
  while (!signal.aborted) {
    const isDone = (await compressor.next()) !== null;
    await sleep(isDone ? breathMs : pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
