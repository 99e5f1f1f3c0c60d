import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { EntryAnswer, EntryQuestion } from "#config/entries/answer.ts";
import { inSlices } from "#lib/slices.ts";
import { unpack } from "#threads/packed/unpack.ts";
import type { DefinitionRequest, DefinitionSource, EntryRequest, ReadAnswer, ReadRequest } from "./messages.ts";
import type { ReadResult } from "./read-result.ts";
import type { PackedResult } from "./thread.ts";

/** The largest definition that may be read, with its documents, takes less. */
const memoryMiB = 2048;
/** Far above what any definition takes. */
const patienceMs = 60_000;

const entry = new URL("thread.ts", import.meta.url);

/**
 * Reads and compiles a definition on a thread of its own, one call at a time: the control plane goes on meanwhile. The
 * thread begins with the first call and is kept, since the second call is twice as fast.
 */
export class DefinitionReader {
  readonly #source: DefinitionSource;
  readonly #memoryMiB: number;
  #thread: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(source: DefinitionSource, limitMiB: number = memoryMiB) {
    this.#source = source;
    this.#memoryMiB = limitMiB;
  }

  /**
   * All problems are in the result; none is thrown. One that ends the thread is a problem of the definition, and the
   * next call has another thread.
   * @param texts stand in for files, by absolute path: what a change would make of the definition
   */
  read(texts?: ReadonlyMap<string, string>): Promise<ReadResult> {
    return this.#inTurn(() => this.#read({ kind: "read", texts }));
  }

  /** What a question about single entries of a definition's text comes to. */
  entry(text: string, question: EntryQuestion): Promise<EntryAnswer> {
    return this.#inTurn(() => this.#entry({ kind: "entry", text, question }));
  }

  #inTurn<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    await this.#end();
  }

  async #entry(request: EntryRequest): Promise<EntryAnswer> {
    try {
      return await this.#ask<EntryAnswer>(request);
    } catch {
      await this.#end();
      return { kind: "not-editable", problem: "the definition is too large for its entries to be changed one by one" };
    }
  }

  async #read(request: ReadRequest): Promise<ReadResult> {
    try {
      const { result, snapshot } = await this.#ask<ReadAnswer>(request);
      const { control, ...rest } = await inSlices(unpack<PackedResult>(result));
      return { ...rest, compiled: control && snapshot && { control, packed: snapshot } };
    } catch (error) {
      await this.#end();
      return this.#unread(error as NodeJS.ErrnoException);
    }
  }

  async #ask<Answer>(request: DefinitionRequest): Promise<Answer> {
    const thread = (this.#thread ??= this.#start());
    thread.ref();
    try {
      return await ask<Answer>(thread, request);
    } finally {
      // A gateway that cannot start must not be kept alive by it.
      thread.unref();
    }
  }

  #start(): Worker {
    return new Worker(entry, {
      name: "sallyport-definition",
      workerData: this.#source,
      resourceLimits: { maxOldGenerationSizeMb: this.#memoryMiB },
    });
  }

  async #end(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate();
  }

  #unread({ code, name, message }: NodeJS.ErrnoException): ReadResult {
    const { file } = this.#source;
    const why = whyUnread(code ?? name, this.#memoryMiB) ?? `failed: ${message}`;
    const at = { file, line: 1, column: 1 };
    const problem = {
      code: "definition-unread",
      severity: "error",
      message: `reading the definition ${why}`,
      at,
    } as const;
    return {
      definition: null,
      compiled: null,
      problem: null,
      diagnostics: [{ ...problem, fix: "write it shorter: one operation may take many paths, {id} or {*rest}" }],
      files: [file],
      documents: [],
    };
  }
}

/** @throws Error what ended the thread; TimeoutError */
async function ask<Answer>(thread: Worker, request: DefinitionRequest): Promise<Answer> {
  const over = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(patienceMs), over.signal]);
  try {
    // `once` rejects for an error of the thread. One that ends without a word has no error.
    const answered = once(thread, "message", { signal }) as Promise<[Answer]>;
    const ended = once(thread, "exit", { signal }).then(([code]) => Promise.reject(new Error(`exit code ${code}`)));
    thread.postMessage(request);
    const [answer] = await Promise.race([answered, ended]);
    return answer;
  } finally {
    over.abort();
  }
}

function whyUnread(code: string, limitMiB: number): string | undefined {
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return `takes more than ${limitMiB} MiB of memory`;
  return code === "AbortError" || code === "TimeoutError" ? `takes longer than ${patienceMs / 1000} s` : undefined;
}
