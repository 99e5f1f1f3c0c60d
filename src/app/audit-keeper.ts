import { Worker } from "node:worker_threads";
import type { UntakenSegments } from "#audit/segment-writer.ts";
import { type ErrorCode, GatewayError } from "#model/errors.ts";
import type { Meter } from "#model/metrics.ts";
import type { Log } from "#model/ports.ts";
import { createDoorbell } from "#threads/doorbell.ts";
import { createRing, type SharedRing } from "#threads/ring.ts";
import type { AuditStart, AuditStatus, FromAuditThread, ToAuditThread } from "./audit-messages.ts";

/** Half a second of a busy worker. */
const ringBytes = 8 * 1024 * 1024;

/** Who hears of what the thread has to tell. */
export interface AuditTold {
  readonly onDeath: () => void;
  readonly onCheckpoint: (note: string) => void;
  /** Segments went though a sink had not taken them. */
  readonly onUntaken: (gone: UntakenSegments) => void;
}

/** Main's end of the audit writer thread. */
export interface AuditKeeper {
  /** A ring for a worker that is about to start; the writer drains it from now on. */
  ringFor(generation: number): SharedRing;
  retire(generation: number, crashed: boolean): void;
  /** As `SegmentWriter.hold`. */
  hold(from: number): void;
  /** What is in the rings by now is on the disk as soon as can be. */
  sync(): void;
  /** As of a second ago; null: nothing has been said yet. */
  readonly status: AuditStatus | null;
  /** Call when no worker runs any more: resolves when everything is written and the record is closed. */
  close(): Promise<void>;
}

/** @throws GatewayError `audit-unavailable` when the record cannot be opened: nothing is served without one */
export async function openAudit(
  options: Omit<AuditStart, "bell">,
  log: Log,
  meter: Meter,
  told: AuditTold,
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
    told.onDeath();
  });
  let status: AuditStatus | null = null;
  thread.on("message", (message: FromAuditThread) => {
    if (message.type === "status") ({ status } = message);
    else if (message.type === "checkpoint") told.onCheckpoint(message.note);
    else if (message.type === "untaken") told.onUntaken(message.gone);
    else if (message.type === "problem") meter.add("sallyport_audit_problems_total", { code: message.code });
  });
  await opened(thread, log);
  return {
    get status() {
      return status;
    },
    ringFor: (generation) => {
      const ring = createRing({ bytes: ringBytes, bell });
      send({ type: "ring", generation, ring });
      return ring;
    },
    retire: (generation, crashed) => send({ type: "retire", generation, crashed }),
    hold: (from) => send({ type: "hold", from }),
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
      else if (message.type === "failed") reject(new GatewayError(message.code as ErrorCode, 500, message.message));
    });
  });
}
