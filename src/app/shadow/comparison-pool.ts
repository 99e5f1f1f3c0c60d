import type { Log } from "#model/ports.ts";
import type { Difference } from "#shadow/difference.ts";
import type { Ignored, NoAnswer, SeenAnswer, SeenRequest } from "#shadow/seen-answer.ts";
import { TransformPool } from "#threads/transform-pool.ts";

export interface Comparison {
  readonly request: SeenRequest;
  readonly old: SeenAnswer | NoAnswer;
  readonly fresh: SeenAnswer;
  readonly ignored: Ignored;
}

/** Compares beside the worker, which has clients to serve. */
export interface ComparisonPool {
  /** @throws GatewayError (as a rejection) `transform-busy` when too many wait, `transform-stopped` when it takes too long */
  compare(comparison: Comparison): Promise<readonly Difference[]>;
  /** Fails what runs and what waits. */
  close(): Promise<void>;
}

/** A document of 256 KiB that means harm takes a second of a slow machine. */
const limitMs = 2000;
const patienceMs = 5000;
/** Their bodies are in the mirror's room, so their bytes are bounded too. */
const maxWaiting = 64;
const memoryMiB = 128;

/** One thread, apart from those of policies: however much is compared, their work waits for none of it. It begins with the first. */
export function createComparisonPool(log: Log): ComparisonPool {
  const pool = new TransformPool({
    entry: new URL("comparison-thread.ts", import.meta.url),
    maxThreads: 1,
    maxWaiting,
    patienceMs,
    memoryMiB,
    onStopped: (job, why) => log.warn("a comparison was stopped with its thread", { job, why }),
  });
  return {
    compare: ({ old, fresh, ...rest }) => {
      const request = { ...rest, old: "status" in old ? copied(old) : old, fresh: copied(fresh) };
      return pool.run({ name: "shadow", request, limitMs }) as Promise<readonly Difference[]>;
    },
    close: () => pool.close(),
  };
}

/** A piece of a larger buffer would take all of that along to the other thread. */
function copied(answer: SeenAnswer): SeenAnswer {
  return { ...answer, body: new Uint8Array(answer.body) };
}
