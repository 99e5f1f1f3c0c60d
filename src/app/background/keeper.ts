import { isDeepStrictEqual } from "node:util";
import { Worker } from "node:worker_threads";
import { endOfRecord } from "#audit/read/stretch.ts";
import type { LogSettings } from "#model/logs.ts";
import type { Log } from "#model/ports.ts";
import type { BackgroundStart, FromBackground, ToBackground } from "./messages.ts";

const memoryMiB = 128;
/** Lines of the operational log on their way; beyond, they stand on standard error alone. */
const mostLines = 10_000;
/** A stop waits no longer for a disk, or for who reads standard output. */
const closeMs = 3000;

/**
 * Main's end of the thread that keeps the search index, compresses segments and writes logs. Without it nothing of the record is lost:
 * `sallyport audit search` reads the record itself, and the next start tries again.
 */
export class BackgroundKeeper {
  readonly #log: Log;
  readonly #start: BackgroundStart;
  readonly #thread: Worker;
  readonly #exit: Promise<void>;
  #logs: LogSettings = { access: null, operational: null };
  #lines: string[] = [];
  #underWay = 0;
  #left = 0;
  #closing = false;

  constructor(start: BackgroundStart, log: Log) {
    this.#log = log;
    this.#start = start;
    const thread = new Worker(new URL("thread.ts", import.meta.url), {
      name: "sallyport-background",
      workerData: start,
      resourceLimits: { maxOldGenerationSizeMb: memoryMiB },
    });
    this.#thread = thread;
    this.#exit = new Promise((resolve) => thread.once("exit", () => resolve()));
    thread.on("message", (message: FromBackground) => this.#hear(message));
    thread.on("error", (error) => {
      if (!this.#closing) log.warn("the search index and logs in files are not kept", { error: String(error) });
    });
  }

  /** Call when the record is open: what a crash left of it is sorted out by then. */
  tend(): void {
    this.#send({ type: "tend" });
  }

  /** An access log that begins has what is written from now on. */
  async use({ logs }: { readonly logs: LogSettings }): Promise<void> {
    if (isDeepStrictEqual(logs, this.#logs)) return;
    const begins = this.#logs.access === null && logs.access !== null;
    this.#logs = logs;
    this.#send({ type: "use", logs, from: begins ? await endOfRecord(this.#start.directory) : null });
  }

  /** Of the operational log, without its line break. */
  line(text: string): void {
    if (this.#logs.operational === null) return;
    if (this.#underWay >= mostLines) {
      this.#left += 1;
      return;
    }
    this.#underWay += 1;
    // Those of one turn go in one message.
    if (this.#lines.push(text) === 1) setImmediate(() => this.#flush());
  }

  /** Call when the record is closed. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#flush();
    this.#send({ type: "stop" });
    const late = setTimeout(() => void this.#thread.terminate(), closeMs);
    await this.#exit;
    clearTimeout(late);
  }

  #flush(): void {
    if (this.#lines.length > 0) this.#send({ type: "lines", lines: this.#lines });
    this.#lines = [];
  }

  #hear(message: FromBackground): void {
    if (message.type === "took") this.#took(message.lines);
    else if (message.type === "index-failed") {
      const { error } = message;
      this.#log.warn("the search index is not kept up to date: searches read the record itself", { error });
    } else if (message.type === "compress-failed") {
      this.#log.warn("a segment of the record is not compressed, and stays as it is", { error: message.error });
    } else {
      const { log, error } = message;
      this.#log.error("a log cannot be written", { log, error });
    }
  }

  #took(lines: number): void {
    this.#underWay -= lines;
    if (this.#left === 0) return;
    const left = this.#left;
    this.#left = 0;
    this.#log.warn("log lines are missing in the file: there were too many at a time", { lines: left });
  }

  #send(message: ToBackground): void {
    this.#thread.postMessage(message);
  }
}
