import { Buffer } from "node:buffer";
import { parentPort } from "node:worker_threads";
import { createWorkerRuntime, type WorkerRuntime } from "./data-plane/worker-runtime.ts";
import type { FromWorker, Told, ToWorker, WorkerAnswers, WorkerStart } from "./messages.ts";

/** Entry of a data-plane thread: is told its start, listens, then does what main's messages say. */
const say = (message: FromWorker): void => parentPort?.postMessage(message);

const failed = (error: unknown, ask: number | null): void => {
  say({ type: "failed", ask, message: error instanceof Error ? error.message : String(error) });
};

parentPort?.once("message", (start: WorkerStart) => {
  const runtime = createWorkerRuntime(start, say);
  parentPort?.on("message", (told: Told) => void take(runtime, told));
  runtime.listen().then(
    () => say({ type: "listening" }),
    (error: unknown) => failed(error, null),
  );
});

async function take(runtime: WorkerRuntime, { ask, message }: Told): Promise<void> {
  try {
    const value = await handle(runtime, message);
    if (ask !== null) say({ type: "answer", ask, value });
  } catch (error) {
    failed(error, ask);
  }
  if (message.type === "drain") parentPort?.close();
}

async function handle(runtime: WorkerRuntime, message: ToWorker): Promise<WorkerAnswers[keyof WorkerAnswers] | null> {
  switch (message.type) {
    case "snapshot":
      await runtime.apply(message.snapshot);
      return null;
    case "certificates":
      runtime.edge.setCertificates(message.certificates);
      return null;
    case "challenges":
      runtime.edge.setChallenges(message.challenges);
      return null;
    case "users":
      runtime.swapUsers(message.users);
      return null;
    case "review":
      runtime.review();
      return null;
    case "revocation":
      runtime.revoke(message.change);
      return null;
    case "keys":
      runtime.swapKeys(message.keys);
      return null;
    case "staple":
      runtime.edge.setStaple(message.staple);
      return null;
    case "internal-roots":
      runtime.edge.setInternalRoots(message.roots);
      return null;
    case "revoked":
      runtime.setRevoked(message.keys);
      return null;
    case "grants":
      runtime.setGrants(message.grants);
      return null;
    case "sessions":
      runtime.changeSessions(message.handles);
      return null;
    case "probe":
      runtime.learnProbe(message.key, message.up);
      return null;
    case "ticket-keys":
      runtime.edge.setTicketKeys(Buffer.from(message.keys));
      return null;
    case "assertion-key":
      runtime.setAssertionKey(message.key);
      return null;
    case "debug-credentials":
      await runtime.trace(message.credentials);
      return null;
    case "api-levels":
      runtime.setApiLevels(message.levels);
      return null;
    case "target-status":
      return runtime.targetStatus();
    case "drain":
      await runtime.drain(message.deadlineMs);
      return null;
  }
}
