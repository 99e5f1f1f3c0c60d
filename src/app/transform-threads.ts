import type { Log } from "#model/ports.ts";
import type { Transforms } from "#policy/transforms/transforms.ts";
import { TransformPool } from "#threads/transform-pool.ts";

export interface TransformThreads extends Transforms {
  /** Fails what runs and what waits. */
  close(): Promise<void>;
}

/** Of one worker: one hostile body does not stop all others, and idle ones cost nothing, as threads begin when needed. */
const maxThreads = 2;
/** Bodies are in the worker's room for bodies as well, so their bytes are bounded too. */
const maxWaiting = 64;
const patienceMs = 5000;
/** A transformation of XSLT may make 256 MiB of nodes and texts. */
const memoryMiB = 768;

/** Work on shorter bodies is done in slices before a thread could begin: about 20 ms of XML to JSON. */
const fromBytes = 64 * 1024;

/** Granted to each job, however short its body. */
const leastMs = 2000;
/** 1 MiB of XML becomes JSON in a third of a second; a slow machine has fifteen times as long. */
const msPerByte = 5000 / 2 ** 20;
const mostMs = 30_000;

export function createTransformThreads(log: Log): TransformThreads {
  const pool = new TransformPool({
    entry: new URL("transform-thread.ts", import.meta.url),
    maxThreads,
    maxWaiting,
    patienceMs,
    memoryMiB,
    onStopped: (job, why) => log.warn("a transform was stopped with its thread", { job, why }),
  });
  return {
    fromBytes,
    run: (name, request, bytes, asset) =>
      pool.run({
        name,
        request,
        limitMs: Math.min(mostMs, leastMs + bytes * msPerByte),
        ...(asset === undefined ? {} : { asset }),
      }) as Promise<never>,
    close: () => pool.close(),
  };
}
