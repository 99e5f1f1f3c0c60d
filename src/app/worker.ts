import { Buffer } from "node:buffer";
import { parentPort, workerData } from "node:worker_threads";
import { createWorkerRuntime } from "./worker-runtime.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./messages.ts";

/** Entry of a data-plane thread: takes its start data, listens, then does what main's messages say. */
const say = (message: FromWorker): void => parentPort?.postMessage(message);

const failed = (error: unknown): void => {
  say({ type: "failed", code: "internal", message: error instanceof Error ? error.message : String(error) });
};

const runtime = createWorkerRuntime(workerData as WorkerStart, say);

parentPort?.on("message", (message: ToWorker) => {
  void handle(message).catch(failed);
});

async function handle(message: ToWorker): Promise<void> {
  if (message.type === "snapshot") {
    runtime.apply(message.snapshot);
    say({ type: "applied", hash: message.snapshot.hash });
  } else if (message.type === "certificates") {
    runtime.edge.setCertificates(message.certificates);
  } else if (message.type === "challenges") {
    runtime.edge.setChallenges(message.challenges);
    say({ type: "challenges-set" });
  } else if (message.type === "keys") {
    runtime.swapKeys(message.keys);
    say({ type: "keys-swapped" });
  } else if (message.type === "internal-roots") {
    runtime.edge.setInternalRoots(message.roots);
  } else if (message.type === "probe") {
    runtime.learnProbe(message.key, message.up);
  } else if (message.type === "ticket-keys") {
    runtime.edge.setTicketKeys(Buffer.from(message.keys));
  } else {
    await runtime.drain(message.deadlineMs);
    say({ type: "drained" });
    parentPort?.close();
  }
}

runtime.listen().then(() => say({ type: "listening" }), failed);
