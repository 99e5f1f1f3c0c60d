import type { MessagePort } from "node:worker_threads";
import { failureOf } from "./control-messages.ts";
import { buffersIn } from "./own-buffers.ts";
import type { JobAnswer, JobMessage, ThreadReady } from "./transform-pool.ts";

/** @param asset undefined: the job has none. Whatever is made ready of it may be kept with it */
export type RunJob = (name: string, request: unknown, asset: unknown) => unknown;

/** The working end of a transform pool: one job at a time, none of which sees anything of another but shared assets. */
export function serveTransforms(port: MessagePort, run: RunJob): void {
  const assets = new Map<string, unknown>();
  port.postMessage({ ready: true } satisfies ThreadReady);
  port.on("message", (message: JobMessage) => {
    if (message.asset !== null) assets.set(message.asset.key, message.asset.value);
    const asset = message.assetKey === null ? undefined : assets.get(message.assetKey);
    void answerOf(run, message, asset).then((answer) => port.postMessage(answer, transferOf(answer)));
  });
}

async function answerOf(run: RunJob, { name, request }: JobMessage, asset: unknown): Promise<JobAnswer> {
  try {
    return { response: await run(name, request, asset) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function transferOf(answer: JobAnswer): ArrayBuffer[] {
  return "response" in answer ? buffersIn(answer.response) : [];
}
