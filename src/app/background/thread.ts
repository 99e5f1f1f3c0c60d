import { setPriority } from "node:os";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import type { RecordPlace } from "#audit/read/stretch.ts";
import { RotatingFile } from "#lib/rotating-file.ts";
import type { LogTarget, Rotation } from "#model/logs.ts";
import { AccessLog } from "./access-log.ts";
import { keepCompressed } from "./keep-compressed.ts";
import { keepIndex } from "./keep-index.ts";
import type { BackgroundStart, FromBackground, ToBackground } from "./messages.ts";
import { writeStandardOutput } from "./standard-output.ts";

/** Entry of the thread for what has no hurry: the search index, compression, and logs. It yields to all that serves requests. */
const start = workerData as BackgroundStart;
const stop = new AbortController();
const say = (message: FromBackground): void => parentPort?.postMessage(message);

let tending: Promise<unknown> = Promise.resolve();
let access: { readonly log: AccessLog; readonly file: RotatingFile | null } | null = null;
let operational: RotatingFile | null = null;
let isOperationalFailing = false;
/** One change after the other. */
let turn: Promise<void> = Promise.resolve();

function fileOf(name: string, rotation: Rotation): RotatingFile {
  return new RotatingFile(join(start.logsPath, name), rotation, Date.now);
}

const compressFailed = (error: string): void => say({ type: "compress-failed", error });
const onAccessFailed = (error: string): void => say({ type: "log-failed", log: "access", error });

function openAccess(target: LogTarget, from: RecordPlace): typeof access {
  const file = target.kind === "file" ? fileOf("access.log", target.rotation) : null;
  const write = (lines: string): Promise<void> | void =>
    file === null ? writeStandardOutput(lines, stop.signal) : file.write(lines);
  return { log: new AccessLog({ directory: start.directory, from, write, onFailed: onAccessFailed }), file };
}

async function closeAccess(): Promise<RecordPlace | null> {
  if (access === null) return null;
  const { log, file } = access;
  access = null;
  await log.close();
  file?.close();
  return log.place;
}

async function use({ logs, from }: Extract<ToBackground, { type: "use" }>): Promise<void> {
  operational?.close();
  operational = logs.operational === null ? null : fileOf("gateway.log", logs.operational);
  const at = (await closeAccess()) ?? from;
  if (logs.access !== null && at !== null) access = openAccess(logs.access, at);
}

function writeLines(lines: readonly string[]): void {
  try {
    operational?.write(lines.map((line) => `${line}\n`).join(""));
    isOperationalFailing = false;
  } catch (error) {
    if (!isOperationalFailing) say({ type: "log-failed", log: "operational", error: String(error) });
    isOperationalFailing = true;
  }
  say({ type: "took", lines: lines.length });
}

async function end(): Promise<void> {
  stop.abort();
  await Promise.all([tending, closeAccess()]);
  operational?.close();
  parentPort?.close();
}

function tend(): Promise<unknown> {
  const { directory, compress } = start;
  return Promise.all([
    keepIndex(start, stop.signal).catch((error) => say({ type: "index-failed", error: String(error) })),
    compress && keepCompressed(directory, stop.signal, compressFailed).catch((error) => compressFailed(String(error))),
  ]);
}

/** Linux knows priorities of single threads; elsewhere it would be that of the whole gateway. */
function yieldToOthers(): void {
  if (process.platform !== "linux") return;
  try {
    setPriority(0, 10);
  } catch {
    // Not allowed in some containers, and no more than a courtesy.
  }
}

yieldToOthers();
parentPort?.on("message", (message: ToBackground) => {
  if (message.type === "lines") writeLines(message.lines);
  else if (message.type === "use") turn = turn.then(() => use(message));
  else if (message.type === "stop") turn = turn.then(end);
  else tending = tend();
});
