import { Worker } from "node:worker_threads";
import { type ErrorCode, GatewayError } from "#model/errors.ts";
import type { Log } from "#model/ports.ts";
import { createDoorbell } from "#threads/doorbell.ts";
import { createRing, type SharedRing } from "#threads/ring.ts";
import type { AuditStart, FromAuditThread, ToAuditThread } from "./audit-messages.ts";

/** Half a second of a busy worker. */
const ringBytes = 8 * 1024 * 1024;

/** Main's end of the audit writer thread. */
export interface AuditKeeper {
  /** A ring for a worker that is about to start; the writer drains it from now on. */
  ringFor(generation: number): SharedRing;
  retire(generation: number, crashed: boolean): void;
  /** What is in the rings by now is on the disk as soon as can be. */
  sync(): void;
  /** Call when no worker runs any more: resolves when everything is written and the record is closed. */
  close(): Promise<void>;
}

/** @throws GatewayError `audit-unavailable` when the record cannot be opened: nothing is served without one */
export async function openAudit(
  options: Omit<AuditStart, "bell">,
  log: Log,
  onDeath: () => void,
): Promise<AuditKeeper> {
  const bell = createDoorbell();
  const start: AuditStart = { ...options, bell };
  const thread = new Worker(new URL("audit-thread.ts", import.meta.url), {
    name: "sallyport-audit",
    workerData: start,
  });
  const send = (message: ToAuditThread): void => thread.postMessage(message);
  const exit = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  let closing = false;
  thread.once("exit", () => {
    if (closing) return;
    log.error("the audit writer ended; the gateway stops, since nothing may be served without a record");
    onDeath();
  });
  await opened(thread, log);
  return {
    ringFor: (generation) => {
      const ring = createRing({ bytes: ringBytes, bell });
      send({ type: "ring", generation, ring });
      return ring;
    },
    retire: (generation, crashed) => send({ type: "retire", generation, crashed }),
    sync: () => send({ type: "sync" }),
    close: async () => {
      closing = true;
      send({ type: "stop" });
      await exit;
    },
  };
}

function opened(thread: Worker, log: Log): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once("error", reject);
    thread.on("message", (message: FromAuditThread) => {
      if (message.type === "open") resolve();
      else if (message.type === "problem") log.error(`audit: ${message.message}`, { code: message.code });
      else reject(new GatewayError(message.code as ErrorCode, 500, message.message));
    });
  });
}
