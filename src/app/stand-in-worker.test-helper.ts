import { parentPort } from "node:worker_threads";
import { setTimeout as sleep } from "node:timers/promises";
import { atOnce } from "#lib/slices.ts";
import type { Snapshot } from "#model/snapshot.ts";
import { unpack } from "#threads/packed/unpack.ts";
import type { FromWorker, Told, ToWorker, WorkerAnswers, WorkerStart } from "./messages.ts";

/** Speaks the data plane's side of the messages, and does what the hash of a snapshot says. */
let index = -1;
let isSilent = false;

async function handle(message: ToWorker): Promise<WorkerAnswers["target-status"] | null> {
  if (message.type === "target-status") {
    if (isSilent) await sleep(1000, undefined, { ref: false });
    return [{ backend: `worker ${index}`, target: "", condition: "up", active: 0, weight: 1, priority: 0 }];
  }
  if (message.type !== "snapshot") return null;
  const { hash } = atOnce(unpack<Pick<Snapshot, "hash">>(message.snapshot));
  if (hash === "fails") throw new Error("this one fails");
  if (hash === `worker ${index} ends`) process.exit(7);
  if (hash === `worker ${index} is silent`) isSilent = true;
  await sleep(Number(/^after (\d+)$/.exec(hash)?.[1] ?? 0));
  return null;
}

const say = (message: FromWorker): void => parentPort?.postMessage(message);

async function take({ ask, message }: Told): Promise<void> {
  try {
    const value = await handle(message);
    if (ask !== null) say({ type: "answer", ask, value });
  } catch (error) {
    say({ type: "failed", ask, message: (error as Error).message });
  }
  if (message.type === "drain") parentPort?.close();
}

parentPort?.once("message", (start: WorkerStart) => {
  ({ index } = start);
  parentPort?.on("message", (told: Told) => void take(told));
  say({ type: "listening" });
});
